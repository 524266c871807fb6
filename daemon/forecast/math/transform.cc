#include "daemon/forecast/math/transform.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::forecast {
namespace {

// s over the mean of the positive values. Measured on competition series, as
// the combinations were (docs/forecasting.md); which of them decided each
// figure is unrecorded.
constexpr double kLogShare = 2;
constexpr double kStraightShare = 0.1;
// Twice the mean of the largest doubles would be infinite.
constexpr double kMostSoftplusScale = 1e307;
// The least accepted value over s in a series with zeros. Its tuning is
// unrecorded.
constexpr double kSoftplusMargin = 0.025;
// The same in a series without zeros, which may grow over thirty orders of
// magnitude.
constexpr double kLeastRatio = 1e-30;
// The least distance of an accepted value from a bound, over the width of the
// interval. A convention.
constexpr double kLogitMargin = 0.001;

absl::Status CheckWithin(Bounds bounds, absl::Span<const double> values) {
  const double upper = UpperBound(bounds);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] > upper) {
      return absl::InvalidArgumentError(absl::StrCat(
          "value ", values[i], " at position ", i + 1, " lies outside [0, ",
          upper, "]; correct the data or choose other bounds"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

double UpperBound(Bounds bounds) {
  switch (bounds) {
    case Bounds::kPercent:
      return 100;
    case Bounds::kFraction:
      return 1;
    case Bounds::kNone:
    case Bounds::kNonNegative:
      break;
  }
  return std::numeric_limits<double>::infinity();
}

absl::StatusOr<Transform> Transform::Create(Bounds bounds, Curve curve,
                                            absl::Span<const double> values) {
  Transform transform;
  if (bounds != Bounds::kNone) {
    RETURN_IF_ERROR(CheckWithin(bounds, values));
  } else if (curve == Curve::kStraight ||
             std::any_of(values.begin(), values.end(),
                         [](double value) { return value <= 0; })) {
    return transform;
  }
  if (bounds == Bounds::kPercent || bounds == Bounds::kFraction) {
    transform.SetLogit(UpperBound(bounds), values);
  } else {
    transform.SetSoftplus(curve, values);
  }
  return transform;
}

void Transform::SetSoftplus(Curve curve, absl::Span<const double> values) {
  kind_ = Kind::kSoftplus;
  double mean = 0;
  int positive = 0;
  int zeros = 0;
  double least = std::numeric_limits<double>::infinity();
  for (double value : values) {
    if (value == 0) ++zeros;
    if (!(value > 0)) continue;
    ++positive;
    mean += (value - mean) / positive;
    least = std::min(least, value);
  }
  const double share = curve == Curve::kStraight ? kStraightShare : kLogShare;
  scale_ = positive > 0 ? std::min(share * mean, kMostSoftplusScale) : 1;
  margin_ = kSoftplusMargin * scale_;
  // Without zeros there is little that a logarithm cannot take.
  if (zeros == 0) {
    margin_ = std::clamp(least, kLeastRatio * scale_, margin_);
    if (curve == Curve::kExponential) kind_ = Kind::kLogarithm;
  }
  moved_ = static_cast<int>(
      std::count_if(values.begin(), values.end(),
                    [this](double value) { return value < margin_; }));
}

void Transform::SetLogit(double upper, absl::Span<const double> values) {
  kind_ = Kind::kLogit;
  scale_ = upper;
  // Half the distance of the value nearest to a bound, as is done for
  // compositions with rounded zeros.
  double nearest = scale_;
  for (double value : values) {
    const double distance = std::min(value, scale_ - value);
    if (distance > 0) nearest = std::min(nearest, distance);
  }
  // If all values lie on the bounds, the two bounds must stay apart.
  if (nearest == scale_) nearest = 0;
  margin_ = std::max(nearest / 2, kLogitMargin * scale_);
  moved_ = static_cast<int>(
      std::count_if(values.begin(), values.end(), [this](double value) {
        return value < margin_ || value > scale_ - margin_;
      }));
}

double Transform::Forward(double value) const {
  if (is_identity() || std::isnan(value)) return value;
  if (kind_ == Kind::kSoftplus) {
    const double ratio = std::max(value, margin_) / scale_;
    // log(exp(r) - 1) without overflow for large r.
    return scale_ * (ratio + std::log(-std::expm1(-ratio)));
  }
  if (kind_ == Kind::kLogarithm) return std::log(std::max(value, margin_));
  const double inside = std::clamp(value, margin_, scale_ - margin_);
  return std::log(inside / (scale_ - inside));
}

double Transform::Inverse(double value) const {
  if (is_identity()) return value;
  if (kind_ == Kind::kSoftplus) {
    const double ratio = value / scale_;
    return scale_ *
           (std::max(ratio, 0.0) + std::log1p(std::exp(-std::abs(ratio))));
  }
  if (kind_ == Kind::kLogarithm) return std::exp(value);
  // The smaller of the two shares is computed, so that neither end rounds over.
  const double share = 1 / (1 + std::exp(std::abs(value)));
  return value < 0 ? scale_ * share : scale_ - scale_ * share;
}

EffectScale Transform::scale() const {
  switch (kind_) {
    case Kind::kIdentity:
      break;
    case Kind::kSoftplus:
      return EffectScale::kSoftplus;
    case Kind::kLogarithm:
      return EffectScale::kLogarithms;
    case Kind::kLogit:
      return EffectScale::kLogits;
  }
  return EffectScale::kValues;
}

double Transform::LogSlope(double value) const {
  switch (kind_) {
    case Kind::kIdentity:
      break;
    case Kind::kSoftplus:
      return -std::log(-std::expm1(-std::max(value, margin_) / scale_));
    case Kind::kLogarithm:
      return -std::log(std::max(value, margin_));
    case Kind::kLogit: {
      const double inside = std::clamp(value, margin_, scale_ - margin_);
      return std::log(scale_) - std::log(inside) - std::log(scale_ - inside);
    }
  }
  return 0;
}

}  // namespace headway::forecast
