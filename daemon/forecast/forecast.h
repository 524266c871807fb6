// Forecasts of one series: the library's one entry. A whole program, built by
// find_package(headway) and a link to headway::forecast (examples/forecast):
//
//   #include <cstdio>
//   #include <vector>
//
//   #include "daemon/forecast/forecast.h"
//
//   int main() {
//     std::vector<double> sales = {112, 118, 132, 129, 121, 135, 148, 148,
//                                  136, 119, 104, 118, 115, 126, 141, 135,
//                                  125, 149, 170, 170, 158, 133, 114, 140};
//     headway::forecast::Options options;
//     options.horizon = 6;
//     options.bounds = headway::forecast::Bounds::kNonNegative;
//     options.probabilities = {0.025, 0.975};
//     const auto forecast = headway::forecast::MakeForecast(sales, options);
//     if (!forecast.ok()) return 1;
//     for (int h = 0; h < options.horizon; ++h) {
//       std::printf("%d %.1f (%.1f to %.1f)\n", h + 1, forecast->point[h],
//                   forecast->quantiles[h][0], forecast->quantiles[h][1]);
//     }
//   }
//
// The library knows nothing of storage, time or labels: values in, a
// distribution for every period ahead out. docs/forecasting.md describes the
// methods, the papers they come from and what was measured.
//
// All functions are pure and thread-safe: the same values, options and seed
// give the same bits, whatever runs beside them.
#ifndef HEADWAY_DAEMON_FORECAST_FORECAST_H_
#define HEADWAY_DAEMON_FORECAST_FORECAST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace headway::forecast {

// Where the values must lie. Forecasts and all their quantiles stay there too,
// because the series is forecast on a transformed scale that has no bounds.
enum class Bounds {
  kNone,
  kNonNegative,  // money, counts: [0, inf)
  kPercent,      // [0, 100]
  kFraction,     // [0, 1]
};

struct Options {
  // One of MethodNames().
  std::string method = "auto";
  // Periods ahead, 1 to 1000.
  int horizon = 12;
  // Periods in one seasonal cycle: 12 monthly, 4 quarterly, 52 weekly, 7 daily;
  // 1 for none. 1 to 1000.
  int season = 1;
  // Further, longer cycles, rising: 168, the hours of a week, beside a season
  // of 24; 52 beside a season of 1, where errors are to be measured against
  // those of the naive method. At most 4, each longer than the season and no
  // longer than 10,000. Empty leaves it to the methods for long seasons to look
  // for one (seasonality.h).
  std::vector<int> long_seasons;
  Bounds bounds = Bounds::kNone;
  // Of the quantiles wanted; rising, each in (0, 1).
  std::vector<double> probabilities = {0.025, 0.05, 0.1,  0.25, 0.5,
                                       0.75,  0.9,  0.95, 0.975};
  // For the models whose quantiles have no closed form.
  uint64_t seed = 1;
  // Whether to score the method on the series' own past, which takes as long as
  // three forecasts more. "auto" looks at the past in any case.
  bool backtest = true;
};

// Errors of the method on the series' own past: forecasts from several earlier
// origins, each made from what lay before it, against what came. With "auto" it
// is the score of the method chosen by these very errors, and so flatters.
struct BacktestScore {
  int origins = 0;
  // Mean absolute error over that of the seasonal naive method in sample
  // (Hyndman and Koehler 2006).
  double mase = 0;
  // Symmetric mean absolute percentage error, in percent, 0 to 200.
  double smape = 0;
  // Share of actuals within the central 80 % interval, 0 to 1.
  double coverage80 = 0;
};

struct Forecast {
  // What was fitted: "ETS(M,Ad,M)", "Theta"; "auto" says what it chose.
  std::string model;
  // The centre of the method, and the mean of the distribution. [horizon]
  std::vector<double> point;
  std::vector<double> mean;
  // As asked for.
  std::vector<double> probabilities;
  // [horizon][probability], non-decreasing in the probability.
  std::vector<std::vector<double>> quantiles;
  // Absent where it was not asked for, or the series is too short to hold any
  // part of it back; `notes` then says so.
  std::optional<BacktestScore> backtest;
  // What a reader should know: values that were missing or lay on a bound, a
  // method that fell back to a simpler one.
  std::vector<std::string> notes;
};

// Forecasts the periods that follow the last of `values`, which are equally
// spaced, oldest first. NaN marks a missing value. Everything in the answer is
// finite.
//
// INVALID_ARGUMENT: an unknown method, a horizon, seasons or probabilities
// out of range, an infinite value, a value outside the bounds.
// FAILED_PRECONDITION: fewer than two values that are not missing.
// OUT_OF_RANGE: the forecast leaves the range of a double. Each message names
// the value and the remedy.
absl::StatusOr<Forecast> MakeForecast(absl::Span<const double> values,
                                      const Options& options);

// Whether MakeForecast takes them for any series: INVALID_ARGUMENT if not.
absl::Status CheckOptions(const Options& options);

// Every name that Options::method may hold.
absl::Span<const absl::string_view> MethodNames();
bool IsMethodName(absl::string_view name);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_FORECAST_H_
