// The single methods by name. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The values that a method is given if there are bounds, and how its forecasts
// are kept within them.
enum class UnderBounds {
  // The values on the transformed scale (math/transform.h), on either curve.
  kLog,
  kStraight,
  // For non-negative values, the values themselves: the forecasts of the method
  // are then not negative either, and the transform would mislead it. For
  // percentages and fractions as kLog.
  kNonNegative,
  // The values themselves, since a curve of them would be another model on
  // another scale. The part of the distribution beyond a bound is moved onto
  // it.
  kPlain,
};

struct Method {
  absl::string_view name;
  absl::StatusOr<Prediction> (*run)(const ModelInput&);
  UnderBounds under_bounds = UnderBounds::kLog;
  bool takes_regressors = false;
};

// In the order in which MethodNames() lists them.
absl::Span<const Method> SingleMethods();

// Null if no single method has this name.
const Method* FindMethod(absl::string_view name);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_
