// The initial states at which the fit of exponential smoothing starts.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_START_H_
#define HEADWAY_DAEMON_FORECAST_ETS_START_H_

#include "absl/types/span.h"
#include "daemon/forecast/ets/form.h"

namespace headway::forecast {

// By classical decomposition and a line through the first values (Hyndman,
// Koehler, Snyder, Grose 2002, "A state space framework for automatic
// forecasting using exponential smoothing methods", International Journal of
// Forecasting 18, section 4.1). `filled` holds no NaN; a form with a season
// needs more than one cycle of values. Pure.
EtsState StartingState(absl::Span<const double> filled, const EtsForm& form,
                       int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_START_H_
