// Where the search for the initial states of exponential smoothing starts.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_START_H_
#define HEADWAY_DAEMON_FORECAST_ETS_START_H_

#include "absl/types/span.h"
#include "daemon/forecast/ets/ets.h"

namespace headway::forecast {

// From a decomposition and a line through the first values (Hyndman, Koehler,
// Snyder, Grose 2002, section 4.1). `filled` holds no NaN; a form with a season
// needs more than one cycle.
EtsState StartingState(absl::Span<const double> filled, const EtsForm& form,
                       int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_START_H_
