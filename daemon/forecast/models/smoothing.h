// Fixed forms of exponential smoothing: the benchmarks of the M competitions,
// and cheap members of combinations.
//
// Values are adjusted first for a season that the test of seasonality.h finds,
// by multiplicative classical decomposition (additive where values are not
// positive), and forecasts get it back. Fitted by maximum likelihood, with
// additive errors and within the parameter limits of ets_fit.h, with the same
// shrinkage as auto_ets. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "ses": simple exponential smoothing (Brown 1959; ETS(A,N,N)).
// FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> SimpleSmoothing(const ModelInput& input);

// "holt": with a linear trend (Holt 1957; ETS(A,A,N)). FAILED_PRECONDITION:
// fewer than seven values.
absl::StatusOr<Prediction> HoltSmoothing(const ModelInput& input);

// "damped_holt": with a trend that fades (Gardner, McKenzie 1985; ETS(A,Ad,N)).
// FAILED_PRECONDITION: fewer than eight values.
absl::StatusOr<Prediction> DampedHoltSmoothing(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_SMOOTHING_H_
