// The way from the scale of the values to the scale that the methods see, and
// back.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/auto/methods.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/math/transform.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The prediction of `method`, which is given the values on the scale of
// `curve`. The result is on the scale of `values`, within the bounds, and
// finite. The values hold at least two that are not missing, and none that is
// infinite. INVALID_ARGUMENT: a value outside the bounds. OUT_OF_RANGE: the
// forecast leaves the range of a double. CANCELLED: stopped. Other errors are
// those of the method. Pure.
absl::StatusOr<Prediction> PredictWithinBounds(
    absl::Span<const double> values, const Options& options,
    const Method& method, Curve curve, absl::Span<const double> probabilities,
    StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_SCALE_H_
