// Between the scale of the values and the scale that the methods see.
#ifndef HEADWAY_DAEMON_FORECAST_SCALE_H_
#define HEADWAY_DAEMON_FORECAST_SCALE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/model.h"

namespace headway::forecast {

// One prediction for each of `methods` (see methods.h), on the scale of
// `values` and within the bounds, everything finite; an error where a method
// has none. The values hold at least two that are not missing, and none
// infinite. INVALID_ARGUMENT for all: a value outside the bounds.
absl::StatusOr<std::vector<absl::StatusOr<Prediction>>> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    absl::Span<const std::string> methods,
    absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_SCALE_H_
