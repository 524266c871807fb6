// Ridge regression, with the penalty chosen by generalised cross-validation.
//
// Hoerl, Kennard 1970, "Ridge Regression: Biased Estimation for Nonorthogonal
// Problems", Technometrics 12; Golub, Heath, Wahba 1979, "Generalized
// Cross-Validation as a Method for Choosing a Good Ridge Parameter",
// Technometrics 21.
#ifndef HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_
#define HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_

#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

// The sums of squares and products of p regressors, and of each regressor with
// the target. Not thread-safe.
class NormalEquations {
 public:
  explicit NormalEquations(int regressors)
      : p_(regressors), gram_(static_cast<size_t>(p_) * p_), products_(p_) {}

  // Adds one observation; `row` holds p regressors.
  void Add(absl::Span<const double> row, double target);

  int regressors() const { return p_; }
  int observations() const { return observations_; }
  // Only the lower half is filled: j <= i.
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
  // The residual variance: the residual sum of squares over the number of
  // observations less the effective number of parameters.
  double variance = 0;
};

// The penalty is the same for all coefficients, and the best of eight between
// 1e-6 and 10 times the mean of the regressors' sums of squares. If all
// regressors are zero, every coefficient is zero. Pure.
RidgeFit FitRidge(const NormalEquations& equations);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MATH_RIDGE_H_
