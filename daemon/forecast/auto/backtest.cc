#include "daemon/forecast/auto/backtest.h"

#include <algorithm>
#include <cmath>

#include "daemon/scores/scores.h"

namespace headway::forecast {
namespace {

// How many steps between origins make a horizon. A convention.
constexpr int kStepsInHorizon = 3;
// The least number of values before an origin. A convention.
constexpr int kLeastTraining = 8;

}  // namespace

BacktestPlan PlanBacktest(int n, int season, int horizon, int most_origins) {
  const int training = std::max(kLeastTraining, 2 * season + 1);
  BacktestPlan plan;
  plan.horizon = std::min(horizon, std::max(1, n / 4));
  const int step = std::max(1, plan.horizon / kStepsInHorizon);
  for (int i = 0; i < most_origins; ++i) {
    const int origin = n - plan.horizon - i * step;
    if (origin >= training) plan.origins.push_back(origin);
  }
  return plan;
}

void Backtest::Add(int origin, const Prediction& prediction) {
  const std::optional<double> scale =
      scores::SeasonalNaiveError(values_.first(origin), season_);
  const absl::Span<const double> actuals = values_.subspan(origin, horizon_);
  const int compared = CountPresent(actuals);
  if (!scale.has_value() || compared == 0) return;
  std::vector<double> lower;
  std::vector<double> upper;
  for (const std::vector<double>& interval : prediction.quantiles) {
    lower.push_back(interval[0]);
    upper.push_back(interval[1]);
  }
  ++sums_.origins;
  steps_ += compared;
  sums_.mase += compared * scores::MeanAbsoluteScaledError(
                               actuals, prediction.point, *scale);
  sums_.smape +=
      compared * scores::SymmetricPercentageError(actuals, prediction.point);
  sums_.coverage80 += compared * scores::Coverage(actuals, {lower, upper, 0.8});
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
