// The Box-Cox transformation, and two ways to choose its parameter.
//
// Box, Cox, "An Analysis of Transformations", Journal of the Royal Statistical
// Society B 1964; for negative numbers as Bickel, Doksum 1981. All of it as R's
// forecast package has it. Immutable, and pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_
#define HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_

#include "absl/types/span.h"

namespace headway::forecast {

class BoxCox {
 public:
  // 0 for logarithms, 1 for values less one; at least 0, so that every number
  // has a way back.
  explicit BoxCox(double lambda) : lambda_(lambda) {}

  double lambda() const { return lambda_; }

  // sign(y) (|y|^lambda - 1) / lambda for lambda above 0, where -0 and 0 both
  // give -1 / lambda; log(y) of positive values for lambda 0.
  double Forward(double value) const;
  // Increasing.
  double Inverse(double transformed) const;
  // The mean of what has `variance` about `transformed` on the transformed
  // scale, to second order: R's bias adjustment.
  double InverseMean(double transformed, double variance) const;

 private:
  double lambda_;
};

// The lambda in [lower, upper] for which the standard deviation of cycles of
// values (of pairs for a season of 1) is most nearly proportional to the power
// 1 - lambda of their mean: the least coefficient of variation of the ratios
// (Guerrero, "Time-Series Analysis Supported by Power Transformations", Journal
// of Forecasting 1993). 1 for at most two cycles of values, as in R, and where
// no cycle varies. Values are positive.
double GuerreroLambda(absl::Span<const double> values, int season, double lower,
                      double upper);

// The lambda in steps of 0.05 from `lower` to `upper` of greatest likelihood in
// a regression on a line and, for a season above 1, seasonal dummies; 1 for at
// most two cycles of values. Values are positive.
double ProfileLambda(absl::Span<const double> values, int season, double lower,
                     double upper);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_BOX_COX_H_
