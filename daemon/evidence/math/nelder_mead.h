// Minimisation without derivatives.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_NELDER_MEAD_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_NELDER_MEAD_H_

#include <Eigen/Dense>

#include "absl/functional/function_ref.h"

namespace headway::evidence {

struct NelderMeadOptions {
  // From the start along each variable.
  double step = 1;
  // The search ends when the values at the corners differ by less than this
  // part of their size.
  double tolerance = 1e-10;
  int max_evaluations = 1000;
};

struct NelderMeadMinimum {
  Eigen::VectorXd x;
  double value = 0;
  int evaluations = 0;
};

// A local minimum of a continuous function, which may have kinks; values that
// are not finite count as infinite. Coefficients grow with the dimension (Gao,
// Han 2012, "Implementing the Nelder-Mead simplex algorithm with adaptive
// parameters", Computational Optimization and Applications 51). Never above the
// value at the start. Deterministic; thread-safe.
NelderMeadMinimum MinimizeNelderMead(
    absl::FunctionRef<double(const Eigen::VectorXd&)> function,
    const Eigen::VectorXd& start, const NelderMeadOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_NELDER_MEAD_H_
