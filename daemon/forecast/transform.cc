#include "daemon/forecast/transform.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace headway::forecast {
namespace {

// Of the mean of the positive values: s. Close to a logarithm for ordinary
// values; measured on competition series, see docs/forecasting.md.
constexpr double kSoftplusShare = 2;
// Twice the mean of the largest doubles would be infinite.
constexpr double kMostSoftplusScale = 1e307;
// Of s: a zero is taken as a twentieth of the mean.
constexpr double kSoftplusMargin = 0.025;
// Of the width of a bounded scale: an exact bound is taken as no closer.
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

absl::StatusOr<Transform> Transform::Create(Bounds bounds,
                                            absl::Span<const double> values) {
  Transform transform(bounds);
  if (bounds == Bounds::kNone) return transform;
  if (absl::Status status = CheckWithin(bounds, values); !status.ok()) {
    return status;
  }
  if (bounds == Bounds::kNonNegative) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (!(value > 0)) continue;
      ++count;
      sum += (value - sum) / count;
    }
    transform.scale_ =
        count > 0 ? std::min(kSoftplusShare * sum, kMostSoftplusScale) : 1;
    transform.margin_ = kSoftplusMargin * transform.scale_;
  } else {
    transform.scale_ = UpperBound(bounds);
    // Half the distance of the value nearest to a bound, as is done for
    // compositions with rounded zeros.
    double nearest = transform.scale_;
    for (double value : values) {
      const double distance = std::min(value, transform.scale_ - value);
      if (distance > 0) nearest = std::min(nearest, distance);
    }
    // All on the bounds: the two must stay apart.
    if (nearest == transform.scale_) nearest = 0;
    transform.margin_ = std::max(nearest / 2, kLogitMargin * transform.scale_);
  }
  transform.moved_ = static_cast<int>(
      std::count_if(values.begin(), values.end(), [&transform](double value) {
        return value < transform.margin_ ||
               (transform.bounds_ != Bounds::kNonNegative &&
                value > transform.scale_ - transform.margin_);
      }));
  return transform;
}

double Transform::Forward(double value) const {
  if (is_identity() || std::isnan(value)) return value;
  if (bounds_ == Bounds::kNonNegative) {
    const double ratio = std::max(value, margin_) / scale_;
    // log(exp(r) - 1) without overflow for large r.
    return scale_ * (ratio + std::log(-std::expm1(-ratio)));
  }
  const double inside = std::clamp(value, margin_, scale_ - margin_);
  return std::log(inside / (scale_ - inside));
}

double Transform::Inverse(double value) const {
  if (is_identity()) return value;
  if (bounds_ == Bounds::kNonNegative) {
    const double ratio = value / scale_;
    return scale_ *
           (std::max(ratio, 0.0) + std::log1p(std::exp(-std::abs(ratio))));
  }
  // The smaller of the two shares is computed, so that neither end rounds over.
  const double share = 1 / (1 + std::exp(std::abs(value)));
  return value < 0 ? scale_ * share : scale_ - scale_ * share;
}

}  // namespace headway::forecast
