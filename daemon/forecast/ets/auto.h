// The method "auto_ets": exponential smoothing, averaged over its forms.
//
// Every form of DefaultEtsForms is fitted with ForecastShrinkage. Points and
// means are averages over the forms with Akaike weights (Kolassa, "Combining
// exponential smoothing forecasts using Akaike weights", International Journal
// of Forecasting 2011), taken to the power of a half: criteria that the same
// few values gave tell forms apart less well than they seem to.
//
// Quantiles are Student's about the mean, with the variance of the mixture of
// the forms, so that disagreement among them widens the interval, and with
// that of the estimated parameters. All forms have a closed form of it; nothing
// is simulated.
//
// A season longer than kMaxEtsSeason is taken out by decomposition, where the
// test finds one.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_
#define HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// FAILED_PRECONDITION: the series is too short. Pure; thread-safe.
absl::StatusOr<Prediction> AutoEts(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_AUTO_H_
