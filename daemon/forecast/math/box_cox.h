// The Box-Cox transformation, and two ways to choose its parameter.
//
// Box, Cox 1964, "An Analysis of Transformations", Journal of the Royal
// Statistical Society B 26; for negative numbers as in Bickel, Doksum 1981, "An
// Analysis of Transformations Revisited", JASA 76. All functions agree with R's
// forecast package. BoxCox is immutable; functions are pure.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_
#define HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

class BoxCox {
 public:
  // `lambda` is at least 0, so that every number has an inverse: 0 gives
  // logarithms, 1 the values less one.
  explicit BoxCox(double lambda) : lambda_(lambda) {}

  double lambda() const { return lambda_; }

  // sign(y) (|y|^lambda - 1) / lambda for lambda above 0, where -0 and 0 both
  // give -1 / lambda; log(y) of positive values for lambda 0.
  double Forward(double value) const;
  // Increasing.
  double Inverse(double transformed) const;
  // The mean, on the original scale, of a variable with mean `transformed` and
  // `variance` on the transformed scale, to second order: R's bias adjustment.
  double InverseMean(double transformed, double variance) const;

 private:
  double lambda_;
};

// The lambda in [lower, upper] by Guerrero's method: the standard deviation of
// each cycle of values (of each pair for a season of 1) over the power 1 -
// lambda of its mean has the least coefficient of variation (Guerrero 1993,
// "Time-Series Analysis Supported by Power Transformations", Journal of
// Forecasting 12). 1 for at most two cycles of values, as in R, and if no cycle
// varies. Values are positive and hold no NaN.
double GuerreroLambda(absl::Span<const double> values, int season, double lower,
                      double upper);

// The lambda in steps of 0.05 from `lower` to `upper` of greatest likelihood in
// a regression on a line and, for a season above 1, seasonal dummies. 1 for at
// most two cycles of values. Values are positive and hold no NaN. The best so
// far once `stop` is requested.
double ProfileLambda(absl::Span<const double> values, int season, double lower,
                     double upper, StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_
