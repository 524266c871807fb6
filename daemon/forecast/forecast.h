// Forecasts of one series. A whole program, built by find_package(headway) and
// a link to headway::forecast (examples/forecast):
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
// The library knows nothing of storage, time or labels. It takes values and
// gives a distribution for every period ahead. Its public headers are this one,
// options.h, batch.h, breaks.h, paths.h, path_functions.h, innovations.h,
// records.h, anomalies.h and reconcile.h.
// docs/forecasting.md describes the methods, the papers they come from and what
// was measured.
//
// All functions are pure and thread-safe: the same values, options and seed
// give the same bits on any number of threads, unless they are stopped.
#ifndef HEADWAY_DAEMON_FORECAST_FORECAST_H_
#define HEADWAY_DAEMON_FORECAST_FORECAST_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// Forecasts the periods that follow the last of `values`, which are equally
// spaced, oldest first. NaN marks a missing value. Everything in the answer is
// finite and in the unit of the values. A method that the series is too short
// for is replaced by the naive method, and a note says so.
//
// INVALID_ARGUMENT: an unknown method, a horizon, season, probability or number
// of paths out of range, an infinite value, a value outside the bounds,
// regressors for a method that takes none, or not of every period.
// FAILED_PRECONDITION: fewer than two values that are not missing.
// OUT_OF_RANGE: the forecast leaves the range of a double. Each message names
// the value and the remedy. CANCELLED: Options::stopped said yes, which ends
// the work within milliseconds.
absl::StatusOr<Forecast> MakeForecast(absl::Span<const double> values,
                                      const Options& options);

// INVALID_ARGUMENT where MakeForecast would refuse the options for every
// series.
absl::Status CheckOptions(const Options& options);

// Whether the method can explain a series by Options::regressors.
bool TakesRegressors(absl::string_view method);
// INVALID_ARGUMENT for a method that cannot; names those that can.
absl::Status CheckTakesRegressors(absl::string_view method);

// Those of the first `length` of `values` values, and of `horizon` periods
// after them: as many as there were then. What became of them later counts as
// known.
std::vector<Regressor> RegressorsUpTo(absl::Span<const Regressor> regressors,
                                      size_t values, size_t length,
                                      int horizon);

// Every name that Options::method may hold.
absl::Span<const absl::string_view> MethodNames();
bool IsMethodName(absl::string_view name);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_FORECAST_H_
