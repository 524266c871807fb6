// A distribution that is known by some of its quantiles.
//
// Between two known quantiles it is linear in the standard normal score of the
// probability, which is exact for a normal distribution and rising for every
// other; quantiles that are equal are an atom and stay one. Beyond the first
// and the last the slope of the outermost two goes on, as a normal tail would:
// on the logarithm of values that are bounded by zero, on the logit of those
// that are bounded on both sides, and always within the bounds.
//
// Immutable; thread-safe.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_QUANTILE_FUNCTION_H_
#define HEADWAY_DAEMON_FORECAST_MATH_QUANTILE_FUNCTION_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

class QuantileFunction {
 public:
  // At least two quantiles, which do not fall, with the standard normal scores
  // of their probabilities, which rise.
  QuantileFunction(absl::Span<const double> scores,
                   absl::Span<const double> quantiles, Bounds bounds);

  // The quantile of the probability with this standard normal score. Finite.
  double At(double score) const;

 private:
  double Beyond(size_t outer, size_t inner, double score) const;

  std::vector<double> scores_;
  std::vector<double> quantiles_;
  Bounds bounds_;
};

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_QUANTILE_FUNCTION_H_
