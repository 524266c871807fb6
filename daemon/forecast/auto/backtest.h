// Rolling-origin evaluation: forecasts that a method would have made at earlier
// origins, compared with the values that followed (Tashman 2000, "Out-of-sample
// tests of forecasting accuracy", International Journal of Forecasting 16).
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The numbers of values before each origin, and the horizon from each. There
// are no origins if the series is too short to hold a part of it back.
struct BacktestPlan {
  std::vector<int> origins;
  int horizon = 0;
};
// The plan for a series of `n` values: up to `most_origins` origins, at least
// one, a third of the horizon apart; the horizon is at most a quarter of the
// values. Pure.
BacktestPlan PlanBacktest(int n, int season, int horizon, int most_origins);

// Adds up the scores of one method over the origins. Not thread-safe.
class Backtest {
 public:
  // `values` is borrowed and must outlive this.
  Backtest(absl::Span<const double> values, int season, int horizon)
      : values_(values), season_(season), horizon_(horizon) {}

  // Adds a prediction from the first `origin` values, whose only quantiles are
  // those of the central 80 % interval. Missing actual values are left out, and
  // the whole origin if the values before it have no scale
  // (scores::SeasonalNaiveError).
  void Add(int origin, const Prediction& prediction);

  // Absent if no actual value was compared.
  std::optional<BacktestScore> Score() const;

 private:
  absl::Span<const double> values_;
  int season_;
  int horizon_;
  // The scores of the origins, each times the number of its actual values.
  BacktestScore sums_;
  int steps_ = 0;  // actual values
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_
