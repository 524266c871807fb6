// Rolling-origin evaluation: what a method would have said earlier, against
// what came (Tashman 2000).
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The lengths of the beginnings of a series of `n` values to forecast from, and
// how far; no origins if it is too short to hold any part back.
struct BacktestPlan {
  std::vector<int> origins;
  int horizon = 0;
};
BacktestPlan PlanBacktest(int n, int season, int horizon);

// Gathers the errors of one method over the origins. Not thread-safe.
class Backtest {
 public:
  // `values` is borrowed.
  Backtest(absl::Span<const double> values, int season, int horizon)
      : values_(values), season_(season), horizon_(horizon) {}

  // A prediction from the first `origin` values, with the quantiles of the
  // central 80 % interval and no others. Missing actuals are left out.
  void Add(int origin, const Prediction& prediction);

  // The mean absolute error at each origin that was added, in order.
  const std::vector<double>& origin_errors() const { return origin_errors_; }

  // Nothing where nothing was compared.
  std::optional<BacktestScore> Score() const;

 private:
  absl::Span<const double> values_;
  int season_;
  int horizon_;
  BacktestScore sums_;
  int steps_ = 0;
  std::vector<double> origin_errors_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_BACKTEST_H_
