// Fixed forms of exponential smoothing: benchmarks of the M competitions, and
// fast members of combinations.
//
// Values are first adjusted for a season that the test of math/seasonality.h
// finds, by multiplicative classical decomposition (additive if a value is not
// positive), and forecasts are adjusted back. The forms have additive errors
// and are fitted by maximum likelihood within the parameter limits of
// ets/fit.h, with the shrinkage of "auto_ets". Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "ses": simple exponential smoothing, ETS(A,N,N) (Brown 1959, "Statistical
// Forecasting for Inventory Control"). FAILED_PRECONDITION: fewer than five
// values.
absl::StatusOr<Prediction> SimpleSmoothing(const ModelInput& input);

// "holt": with a linear trend, ETS(A,A,N) (Holt 1957, reprinted 2004 in
// International Journal of Forecasting 20). FAILED_PRECONDITION: fewer than
// seven values.
absl::StatusOr<Prediction> HoltSmoothing(const ModelInput& input);

// "damped_holt": with a damped trend, ETS(A,Ad,N) (Gardner, McKenzie 1985,
// "Forecasting trends in time series", Management Science 31).
// FAILED_PRECONDITION: fewer than eight values.
absl::StatusOr<Prediction> DampedHoltSmoothing(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_
