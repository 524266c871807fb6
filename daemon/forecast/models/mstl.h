// Forecasts by decomposition: each seasonal part repeats itself, and what is
// left is forecast by exponential smoothing.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The method "mstl": MSTL (stl.h) over the season and the long seasons that are
// given or found (long_season.h) and fit twice into the values, on their square
// roots where none is negative (box_cox.h), as R's `stlf` does with lambda 0.5.
// The last cycle of each seasonal part is repeated, and the seasonally adjusted
// values are forecast by "auto_ets" without a season; without any cycle that is
// all.
//
// The spread of each seasonal part is that of a seasonal random walk with the
// mean square of the part's own changes from cycle to cycle; distances of
// quantiles from the point add up in squares, as they do for normal
// distributions. Missing values are filled first (seasonality.h).
//
// Bandara, Hyndman, Bergmeir, "MSTL: A Seasonal-Trend Decomposition Algorithm
// for Time Series with Multiple Seasonal Patterns", 2021. FAILED_PRECONDITION:
// the series is too short for exponential smoothing. A pure function.
absl::StatusOr<Prediction> Mstl(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_
