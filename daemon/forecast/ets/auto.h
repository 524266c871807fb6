// The method "auto_ets": exponential smoothing, averaged over its forms.
//
// Every form of DefaultEtsForms is fitted with ForecastShrinkage. Points and
// means are averaged with Akaike weights (Kolassa 2011, "Combining exponential
// smoothing forecasts using Akaike weights", International Journal of
// Forecasting 27) to the power of a half: criteria computed from the same few
// values separate forms less well than their differences suggest.
//
// The errors about the mean are Student's. Their variance is that of the
// mixture, so that disagreement among the forms widens the interval, and
// includes the uncertainty of the estimated parameters. Every form has a closed
// form for it, and nothing is simulated.
//
// A season longer than kMaxEtsSeason is removed by classical decomposition, if
// the test of math/seasonality.h finds it.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_
#define HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// FAILED_PRECONDITION: the series is too short. Pure.
absl::StatusOr<Prediction> AutoEts(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_
