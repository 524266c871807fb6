// The classical Theta method.
//
// Values are first adjusted for a season that the test of math/seasonality.h
// finds, by multiplicative classical decomposition (additive if a value is not
// positive), and forecasts are adjusted back.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_THETA_CLASSICAL_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_THETA_CLASSICAL_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "theta": the method of Assimakopoulos, Nikolopoulos 2000 ("The theta model",
// International Journal of Forecasting 16) in the form of Hyndman, Billah 2003
// ("Unmasking the Theta method", International Journal of Forecasting 19):
// simple exponential smoothing with half the slope of the trend, as in R's
// `thetaf`. FAILED_PRECONDITION: fewer than five values. Pure.
absl::StatusOr<Prediction> Theta(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_THETA_CLASSICAL_H_
