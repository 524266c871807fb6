// The change of scale that keeps forecasts within their bounds, and on which
// growth by a rate is a line.
//
//   none           y; with the curve kLog and positive values only, as below
//   non-negative   s log(exp(y / s) - 1), the inverse of softplus: a logarithm
//                  below s, nearly y itself far above it, so that forecasts
//                  grow exponentially only where values are ordinary. s is
//                  twice the mean of the positive values for kLog; a tenth of
//                  it for kStraight, which bends close to zero only
//   percent, fraction   the logit of y scaled to (0, 1)
//
// A value on a bound is moved in to the nearest value that the transform takes;
// so is, of shares and of series with zeros, one that would lie far out on the
// transformed scale. Immutable; thread-safe.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_
#define HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// The greatest value within the bounds; infinite where there is none.
double UpperBound(Bounds bounds);

enum class Curve { kStraight, kLog };

class Transform {
 public:
  // INVALID_ARGUMENT: a value outside the bounds. NaN is let pass.
  static absl::StatusOr<Transform> Create(Bounds bounds, Curve curve,
                                          absl::Span<const double> values);

  // Strictly increasing between the two ends of the values it takes.
  double Forward(double value) const;
  // Always within the bounds; increasing.
  double Inverse(double value) const;

  bool is_identity() const { return kind_ == Kind::kIdentity; }
  // How many of the values were moved in from a bound.
  int moved() const { return moved_; }

 private:
  enum class Kind { kIdentity, kSoftplus, kLogit };

  void SetSoftplus(Curve curve, absl::Span<const double> values);
  void SetLogit(double upper, absl::Span<const double> values);

  Kind kind_ = Kind::kIdentity;
  // The end of the bounded scale, or s.
  double scale_ = 1;
  // The closest that a value may come to a bound.
  double margin_ = 0;
  int moved_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_
