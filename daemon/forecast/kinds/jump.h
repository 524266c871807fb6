// Series whose last value lies far off all that was before it.
//
// Nobody can tell yet whether the value is an error or a passing event, or
// whether the series has a new level. Of such jumps at any place in series of
// the competitions M3 and M4 that otherwise return from their changes, two in
// five fell back and the others stayed (docs/forecasting.md). So both are
// forecast, and each counts half. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_KINDS_JUMP_H_
#define HEADWAY_DAEMON_FORECAST_KINDS_JUMP_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The last change over the usual one, where it is more than ten times that and
// half as large again as any before, in a series that falls back from its
// changes: they have a correlation below -0.3 with the one before. Needs twelve
// values. NaN marks a missing value; the first and the last are present.
std::optional<double> JumpAtEnd(absl::Span<const double> values);

// Forecasts `values` for a number of steps, at probabilities in rising order.
using StepsForecast = absl::FunctionRef<absl::StatusOr<Prediction>(
    absl::Span<const double> values, int horizon,
    absl::Span<const double> probabilities)>;

// `values` end in a jump of that size. The two halves are the forecast from the
// values before the last, and the same moved by what the last one differs from
// it; the prediction has the anomaly. Errors are those of `forecast`.
absl::StatusOr<Prediction> PredictAfterJump(
    absl::Span<const double> values, double jump, Bounds bounds, int horizon,
    absl::Span<const double> probabilities, StepsForecast forecast);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_KINDS_JUMP_H_
