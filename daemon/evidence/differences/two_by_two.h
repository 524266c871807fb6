// One group against another, two periods: the average effect of a change of one
// group's outcome, and of one group-time pair of a staggered design.
#ifndef HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_TWO_BY_TWO_H_
#define HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_TWO_BY_TWO_H_

#include <Eigen/Dense>
#include <string>

#include "absl/status/statusor.h"

namespace headway::evidence {

enum class Estimator {
  kRegression,   // outcome regression
  kWeighting,    // inverse probability, weights that add up to one
  kDoublyRobust  // both (Sant'Anna and Zhao 2020, Journal of Econometrics 219)
};

struct TwoByTwo {
  Eigen::VectorXd change;   // of each unit's outcome
  Eigen::VectorXd treated;  // 0 or 1
  // Units x covariates; no column of ones, which is added. Without columns the
  // three estimators are the difference of mean changes.
  Eigen::MatrixXd covariates;
};

struct TwoByTwoResult {
  double effect = 0;
  // Of each unit; the standard error is the root of their mean square over the
  // number of units.
  Eigen::VectorXd influence;
};

// The effect on the treated. INVALID_ARGUMENT: fewer than two units on a side,
// collinear covariates. FAILED_PRECONDITION: covariates that tell treated from
// untreated units (no overlap), where weights do not exist.
absl::StatusOr<TwoByTwoResult> EstimateTwoByTwo(const TwoByTwo& input,
                                                Estimator estimator);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_TWO_BY_TWO_H_
