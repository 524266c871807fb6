#include "daemon/forecast/backtest.h"

#include <algorithm>
#include <cmath>

namespace headway::forecast {
namespace {

constexpr int kOrigins = 3;
// What is left to fit on at the oldest origin.
constexpr int kLeastTraining = 8;

double MeanAbsoluteChange(absl::Span<const double> values, size_t lag) {
  double sum = 0;
  int count = 0;
  for (size_t t = lag; t < values.size(); ++t) {
    const double change = std::abs(values[t] - values[t - lag]);
    if (std::isnan(change)) continue;
    ++count;
    sum += (change - sum) / count;
  }
  return sum;
}

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

double SeasonalNaiveError(absl::Span<const double> values, int season) {
  const double error = MeanAbsoluteChange(values, season);
  return error > 0 ? error : MeanAbsoluteChange(values, 1);
}

std::optional<BacktestScore> Backtest(absl::Span<const double> values,
                                      int season, const BacktestPlan& plan,
                                      const BacktestMethod& method) {
  BacktestScore score;
  int steps = 0;
  int covered = 0;
  for (int origin : plan.origins) {
    const absl::Span<const double> past = values.subspan(0, origin);
    const double scale = SeasonalNaiveError(past, season);
    if (scale == 0) continue;
    const std::optional<BacktestForecast> forecast = method(past, plan.horizon);
    if (!forecast) continue;
    int compared = 0;
    for (int h = 0; h < plan.horizon; ++h) {
      const double actual = values[origin + h];
      if (std::isnan(actual)) continue;
      const double point = forecast->point[h];
      const double error = std::abs(actual - point);
      const double size = std::abs(actual) + std::abs(point);
      score.mase += error / scale;
      score.smape += size > 0 ? 200 * (error / size) : 0;
      covered +=
          actual >= forecast->lower[h] && actual <= forecast->upper[h] ? 1 : 0;
      ++compared;
    }
    steps += compared;
    score.origins += compared > 0 ? 1 : 0;
  }
  if (steps == 0) return std::nullopt;
  score.mase /= steps;
  score.smape /= steps;
  score.coverage80 = static_cast<double>(covered) / steps;
  return score;
}

}  // namespace headway::forecast
