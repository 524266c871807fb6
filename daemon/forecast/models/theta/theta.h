// The Theta method.
//
// Values are adjusted first for a season that the test of seasonality.h finds,
// by multiplicative classical decomposition (additive where values are not
// positive), and forecasts get it back. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_THETA_THETA_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_THETA_THETA_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "theta": Assimakopoulos and Nikolopoulos 2000 in the form of Hyndman and
// Billah 2003, simple exponential smoothing with half the slope of the trend,
// as R's `thetaf` has it. FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> Theta(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_THETA_THETA_H_
