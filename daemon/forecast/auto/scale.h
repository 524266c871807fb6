// Between the scale of the values and the scale that the methods see.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {

// The prediction of `method`, which sees the values bent by
// `curve`, on the scale of `values` and within the bounds, everything finite.
// The values hold at least two that are not missing, and none infinite.
// INVALID_ARGUMENT: a value outside the bounds. OUT_OF_RANGE: the forecast
// leaves the range of a double. Else what the method says.
absl::StatusOr<Prediction> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    const Method& method, Curve curve, absl::Span<const double> probabilities);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_
