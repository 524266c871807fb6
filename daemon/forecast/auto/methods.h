// The single methods by name.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// What a method sees where bounds are asked for, and how it keeps to them.
enum class UnderBounds {
  // The values on the scale of the bounds (transform.h), on either curve.
  kLog,
  kStraight,
  // The values as they are, if they must not be negative: then its forecasts
  // are not either, and a change of scale would mislead it. Of shares as kLog.
  kNonNegative,
  // The values as they are: a curve of them would be another model on another
  // scale. What of its distribution lies beyond a bound is moved onto it.
  kPlain,
};

struct Method {
  absl::string_view name;
  absl::StatusOr<Prediction> (*run)(const ModelInput&);
  UnderBounds under_bounds = UnderBounds::kLog;
};

// In the order in which they are listed.
absl::Span<const Method> SingleMethods();

// Null if there is none of this name.
const Method* FindMethod(absl::string_view name);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_METHODS_H_
