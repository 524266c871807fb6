#include "daemon/forecast/auto/backtest.h"

#include <algorithm>
#include <cmath>

#include "daemon/scores/scores.h"

namespace headway::forecast {
namespace {

constexpr int kOrigins = 3;
// What is left to fit on at the oldest origin.
constexpr int kLeastTraining = 8;

}  // namespace

BacktestPlan PlanBacktest(int n, int season, int horizon) {
  const int training = std::max(kLeastTraining, 2 * season + 1);
  BacktestPlan plan;
  plan.horizon = std::min(horizon, std::max(1, n / 4));
  const int step = std::max(1, plan.horizon / kOrigins);
  for (int i = 0; i < kOrigins; ++i) {
    const int origin = n - plan.horizon - i * step;
    if (origin >= training) plan.origins.push_back(origin);
  }
  return plan;
}

void Backtest::Add(int origin, const Prediction& prediction) {
  const double scale = SeasonalNaiveError(values_.subspan(0, origin), season_);
  if (scale == 0) return;
  const int before = steps_;
  const double errors_before = sums_.mase;
  for (int h = 0; h < horizon_; ++h) {
    const double actual = values_[origin + h];
    if (std::isnan(actual)) continue;
    const double point = prediction.point[h];
    // Halved, so that the difference of two huge numbers is finite.
    const double error = std::abs(actual / 2 - point / 2);
    const double size = std::abs(actual / 2) + std::abs(point / 2);
    sums_.mase += 2 * (error / scale);
    sums_.smape += size > 0 ? 200 * (error / size) : 0;
    const std::vector<double>& interval = prediction.quantiles[h];
    if (actual >= interval[0] && actual <= interval[1]) ++sums_.coverage80;
    ++steps_;
  }
  if (steps_ == before) return;
  ++sums_.origins;
  origin_errors_.push_back(sums_.mase - errors_before);
}

std::optional<BacktestScore> Backtest::Score() const {
  if (steps_ == 0) return std::nullopt;
  BacktestScore score = sums_;
  score.mase /= steps_;
  score.smape /= steps_;
  score.coverage80 /= steps_;
  // Errors may be larger than any double in terms of a tiny scale.
  if (!std::isfinite(score.mase)) return std::nullopt;
  return score;
}

}  // namespace headway::forecast
