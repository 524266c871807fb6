// The change of scale that keeps forecasts within their bounds.
//
//   none           y
//   non-negative   s log(exp(y / s) - 1), the inverse of softplus: a logarithm
//                  below s, nearly y itself far above it, so that forecasts
//                  grow exponentially only where values are ordinary
//   percent, fraction   the logit of y scaled to (0, 1)
//
// `s` is a fixed multiple of the mean of the positive values. A value on a
// bound, or so close that it would lie far out on the transformed scale, is
// moved in to the nearest value that the transform takes. Immutable;
// thread-safe.
#ifndef HEADWAY_DAEMON_FORECAST_TRANSFORM_H_
#define HEADWAY_DAEMON_FORECAST_TRANSFORM_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// The greatest value within the bounds; infinite where there is none.
double UpperBound(Bounds bounds);

class Transform {
 public:
  // INVALID_ARGUMENT: a value outside the bounds. NaN is let pass.
  static absl::StatusOr<Transform> Create(Bounds bounds,
                                          absl::Span<const double> values);

  // Strictly increasing between the two ends of the values it takes.
  double Forward(double value) const;
  // Always within the bounds; increasing.
  double Inverse(double value) const;

  bool is_identity() const { return bounds_ == Bounds::kNone; }
  // How many of the values were moved in from a bound.
  int moved() const { return moved_; }

 private:
  explicit Transform(Bounds bounds) : bounds_(bounds) {}

  Bounds bounds_;
  // The end of the bounded scale, or s.
  double scale_ = 1;
  // The closest that a value may come to a bound.
  double margin_ = 0;
  int moved_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_TRANSFORM_H_
