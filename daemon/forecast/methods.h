// The methods by name.
#ifndef HEADWAY_DAEMON_FORECAST_METHODS_H_
#define HEADWAY_DAEMON_FORECAST_METHODS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/model.h"

namespace headway::forecast {

// What "auto" chooses among. The first is the prior: the others must do clearly
// better to be chosen.
absl::Span<const absl::string_view> Candidates();

// Whether the method's forecasts of values that are not negative are not
// negative either; it then needs no change of scale, and would be misled by
// one.
bool KeepsNonNegative(absl::string_view method);

// Whether the method is a curve of the values as they are: a logistic curve of
// logits, or a logarithm of values that were already brought to another scale,
// would be another model.
bool IsCurve(absl::string_view method);

// One prediction for each of `methods`, which are names from MethodNames()
// except "auto". Work that several share is done once. A method that the series
// is too short for gives way to the naive one, and a note says so.
std::vector<absl::StatusOr<Prediction>> RunMethods(
    absl::Span<const std::string> methods, const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_METHODS_H_
