// Ridge regression, with the penalty by generalised cross-validation.
//
// Hoerl, Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal
// Problems", Technometrics 1970; Golub, Heath, Wahba, "Generalized
// Cross-Validation as a Method for Choosing a Good Ridge Parameter",
// Technometrics 1979. A pure function.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_
#define HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

// Sums of squares and products of p regressors and of the target with them.
class NormalEquations {
 public:
  explicit NormalEquations(int regressors)
      : p_(regressors), gram_(static_cast<size_t>(p_) * p_), products_(p_) {}

  // One observation: `row` holds p regressors.
  void Add(absl::Span<const double> row, double target);

  int regressors() const { return p_; }
  int observations() const { return observations_; }
  // The lower half, row by row, is what is filled.
  double gram(int i, int j) const { return gram_[i * p_ + j]; }
  double product(int i) const { return products_[i]; }
  double target_squares() const { return target_squares_; }

 private:
  int p_;
  int observations_ = 0;
  double target_squares_ = 0;
  std::vector<double> gram_;
  std::vector<double> products_;
};

struct RidgeFit {
  std::vector<double> coefficients;
  // Of the residuals: their sum of squares over the observations less the
  // effective number of parameters.
  double variance = 0;
};

// The penalty, one for all coefficients, is chosen from eight between 1e-6 and
// 10 times the mean of the regressors' sums of squares. With regressors that
// are all zero every coefficient is zero.
RidgeFit FitRidge(const NormalEquations& equations);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_
