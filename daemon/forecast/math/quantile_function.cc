#include "daemon/forecast/math/quantile_function.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();

// The scale on which a tail is a line: the logarithm, the logit, or the values
// themselves where one of them lies on a bound.
class TailScale {
 public:
  TailScale(Bounds bounds, double a, double b)
      : bounds_(bounds), upper_(UpperBound(bounds)) {
    is_curved_ = bounds != Bounds::kNone && std::min(a, b) > 0 &&
                 std::max(a, b) < upper_;
  }

  double Forward(double value) const {
    if (!is_curved_) return value;
    return std::isinf(upper_) ? std::log(value)
                              : std::log(value / (upper_ - value));
  }

  double Inverse(double value) const {
    double inverse = value;
    if (is_curved_) {
      inverse = std::isinf(upper_) ? std::exp(value)
                                   : upper_ / (1 + std::exp(-value));
    }
    const double least = bounds_ == Bounds::kNone ? -kMost : 0;
    return std::clamp(inverse, least, std::min(upper_, kMost));
  }

 private:
  Bounds bounds_;
  double upper_;
  bool is_curved_;
};

}  // namespace

QuantileFunction::QuantileFunction(absl::Span<const double> scores,
                                   absl::Span<const double> quantiles,
                                   Bounds bounds)
    : scores_(scores.begin(), scores.end()),
      quantiles_(quantiles.begin(), quantiles.end()),
      bounds_(bounds) {}

double QuantileFunction::At(double score) const {
  const size_t last = scores_.size() - 1;
  if (score < scores_.front()) return Beyond(0, 1, score);
  if (score > scores_[last]) return Beyond(last, last - 1, score);
  const auto above = std::upper_bound(scores_.begin(), scores_.end(), score);
  if (above == scores_.end()) return quantiles_[last];
  const size_t i = static_cast<size_t>(above - scores_.begin());
  const double part = (score - scores_[i - 1]) / (scores_[i] - scores_[i - 1]);
  return std::lerp(quantiles_[i - 1], quantiles_[i], part);
}

double QuantileFunction::Beyond(size_t outer, size_t inner,
                                double score) const {
  // Without spread there is no slope, and a value on a bound stays there.
  if (quantiles_[outer] == quantiles_[inner]) return quantiles_[outer];
  const TailScale scale(bounds_, quantiles_[outer], quantiles_[inner]);
  const double from = scale.Forward(quantiles_[outer]);
  const double slope = (from - scale.Forward(quantiles_[inner])) /
                       (scores_[outer] - scores_[inner]);
  return scale.Inverse(from + slope * (score - scores_[outer]));
}

}  // namespace headway::forecast
