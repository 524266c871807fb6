// Least squares over the simplex: weights that are not negative and sum to one.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_SIMPLEX_QP_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_SIMPLEX_QP_H_

#include <Eigen/Dense>

#include "absl/status/statusor.h"

namespace headway::evidence {

struct SimplexProblem {
  // [row, weight]
  Eigen::MatrixXd a;
  // [row]
  Eigen::VectorXd b;
  // At least zero.
  double ridge = 0;
  // Whether a constant of any sign is added to a w.
  bool has_intercept = false;
};

struct SimplexFit {
  Eigen::VectorXd weights;
  // b - a w on average, with an intercept; else 0.
  double intercept = 0;
  // Of |a w + intercept - b|^2 + ridge |w|^2.
  double value = 0;
  // value is above the least by this at most (Frank and Wolfe 1956; the dual of
  // the linearised problem). Zero up to rounding.
  double duality_gap = 0;
  int iterations = 0;
};

// Minimises |a w + intercept - b|^2 + ridge |w|^2 over the simplex. Since the
// weights sum to one, this is the point of the convex hull of the columns of
// a - b nearest to the origin, found exactly by non-negative least squares
// after one row that asks for the sum (Lawson, Hanson 1974, "Solving Least
// Squares Problems", chapter 23; Wolfe 1976, "Finding the Nearest Point in a
// Polytope"): an active-set method, with no tolerance to be chosen.
//
// Where several weights are best, one of them; always the same. Cost grows with
// the rows times the columns times the weights that are not zero.
//
// INVALID_ARGUMENT: no column, shapes that do not agree, a value that is not
// finite, a ridge below zero. Thread-safe.
absl::StatusOr<SimplexFit> FitSimplex(const SimplexProblem& problem);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_SIMPLEX_QP_H_
