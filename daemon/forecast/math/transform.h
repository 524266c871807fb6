// The change of scale that keeps forecasts within their bounds, and on which
// growth at a constant rate is a line.
//
//   none           y itself; with another curve, if all values are positive,
//                  the same transform as non-negative
//   non-negative   s log(exp(y / s) - 1), the inverse of softplus: close to a
//                  logarithm below s and to y itself far above it, so that
//                  forecasts grow exponentially only until they are well
//                  above s. s is twice the mean of the positive values for
//                  kLog, and a tenth of it for kStraight, where the transform
//                  differs from y close to zero only. For kExponential, if all
//                  values are positive, log(y): growth goes on at its rate
//   percent        the logit of y / 100
//   fraction       the logit of y
//
// A value on a bound is moved to the nearest value that the transform accepts.
// In percentages, fractions and series with zeros, so are values very close to
// a bound, which would become outliers on the transformed scale. Immutable;
// thread-safe.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_
#define HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The upper end of the interval; infinite if there is none.
double UpperBound(Bounds bounds);

enum class Curve { kStraight, kLog, kExponential };

class Transform {
 public:
  // INVALID_ARGUMENT: a value outside the bounds. NaN marks a missing value.
  static absl::StatusOr<Transform> Create(Bounds bounds, Curve curve,
                                          absl::Span<const double> values);

  // Strictly increasing on the values that it accepts. NaN stays NaN.
  double Forward(double value) const;
  // Always within the bounds; increasing.
  double Inverse(double value) const;
  // The logarithm of the slope of Forward; of a value that it accepts.
  double LogSlope(double value) const;

  EffectScale scale() const;
  bool is_identity() const { return kind_ == Kind::kIdentity; }
  // The number of values that were moved away from a bound.
  int moved() const { return moved_; }

 private:
  enum class Kind { kIdentity, kSoftplus, kLogarithm, kLogit };

  void SetSoftplus(Curve curve, absl::Span<const double> values);
  void SetLogit(double upper, absl::Span<const double> values);

  Kind kind_ = Kind::kIdentity;
  // The upper bound, or s.
  double scale_ = 1;
  // The least distance of an accepted value from a bound.
  double margin_ = 0;
  int moved_ = 0;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_TRANSFORM_H_
