// The combination of several methods.
#ifndef HEADWAY_DAEMON_FORECAST_COMBINATION_H_
#define HEADWAY_DAEMON_FORECAST_COMBINATION_H_

#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/model.h"

namespace headway::forecast {

// The members' median of the points (their mean of the two middle ones), after
// Petropoulos and Svetunkov 2020. The distances of the quantiles and of the
// mean from the point are the averages of the members' distances (quantile
// averaging: Lichtendahl, Grushka-Cockayne, Winkler 2013), so that quantiles
// stay in order. There is at least one member; all have the same shape.
Prediction Combine(absl::Span<const Prediction> members);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_COMBINATION_H_
