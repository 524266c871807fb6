// Rolling-origin evaluation: what a method would have said earlier, against
// what came (Tashman 2000).
#ifndef HEADWAY_DAEMON_FORECAST_BACKTEST_H_
#define HEADWAY_DAEMON_FORECAST_BACKTEST_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// The point and the central 80 % interval for each period ahead.
struct BacktestForecast {
  std::vector<double> point;
  std::vector<double> lower;
  std::vector<double> upper;
};

// Forecasts `horizon` periods from the values given; nothing where it cannot.
using BacktestMethod = std::function<std::optional<BacktestForecast>(
    absl::Span<const double> values, int horizon)>;

// The lengths of the beginnings of a series of `n` values to forecast from,
// newest first, and how far; empty if it is too short to hold any part back.
struct BacktestPlan {
  std::vector<int> origins;
  int horizon = 0;
};
BacktestPlan PlanBacktest(int n, int season, int horizon);

// Runs `method` at every origin of the plan. Nothing where it gave no forecast,
// or where no actual was there to compare with. Missing actuals are left out.
std::optional<BacktestScore> Backtest(absl::Span<const double> values,
                                      int season, const BacktestPlan& plan,
                                      const BacktestMethod& method);

// The mean absolute change over one season (over one period where the series is
// too short): the scale of the mean absolute scaled error. 0 if there is none.
double SeasonalNaiveError(absl::Span<const double> values, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_BACKTEST_H_
