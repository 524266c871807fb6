// The method "mstl": forecasts by decomposition into seasonal components and a
// seasonally adjusted series.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// MSTL (math/stl.h) of the season and of those long seasons, given or found
// (long_season.h), that fit twice into the values. It works on square roots if
// no value is negative, as R's `stlf` does with lambda 0.5. The last cycle of
// each seasonal component is repeated, and the seasonally adjusted values are
// forecast by "auto_ets" without a season. Without any cycle only the latter is
// left.
//
// The variance of each seasonal component is that of a seasonal random walk,
// with the mean square of the component's own changes from cycle to cycle. The
// distances of quantiles from the point add up in squares, as for independent
// normal variables. Missing values are filled first (math/seasonality.h).
//
// Bandara, Hyndman, Bergmeir 2021, as in math/stl.h. FAILED_PRECONDITION: the
// series is too short for exponential smoothing. Pure.
absl::StatusOr<Prediction> Mstl(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_MSTL_H_
