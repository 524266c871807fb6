// Least squares of one or many targets on the same regressors, refused where
// the regressors are collinear.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_FULL_RANK_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_FULL_RANK_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::evidence {

struct LeastSquares {
  Eigen::MatrixXd coefficients;  // regressors x targets
  Eigen::MatrixXd residuals;     // observations x targets
  Eigen::MatrixXd gram_inverse;  // (X'X)^-1
};

// By the QR factorisation of the regressors (observations x regressors), each
// scaled to length one. `columns` names the regressors for errors.
// INVALID_ARGUMENT: a regressor is a linear combination of others (to 1e-10 of
// its length), or there are no more observations than regressors. Pure.
absl::StatusOr<LeastSquares> SolveFullRank(
    const Eigen::MatrixXd& regressors, const Eigen::MatrixXd& targets,
    const std::vector<std::string>& columns);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_FULL_RANK_H_
