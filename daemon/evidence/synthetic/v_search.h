// The choice of V, which says how much each predictor of a synthetic control
// counts.
#ifndef HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_V_SEARCH_H_
#define HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_V_SEARCH_H_

#include <Eigen/Dense>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/simplex_qp.h"
#include "daemon/evidence/synthetic/control.h"

namespace headway::evidence {

// A treated unit against donors, in numbers alone.
struct VProblem {
  // [predictor] and [predictor, donor], scaled.
  Eigen::VectorXd treated;
  Eigen::MatrixXd donors;
  // [fit period] and [fit period, donor].
  Eigen::VectorXd outcome;
  Eigen::MatrixXd donor_outcomes;
};

// The weights for V, of any sum.
absl::StatusOr<SimplexFit> WeightsForV(const VProblem& problem,
                                       const Eigen::VectorXd& v);

// Squared coefficients of the regressions of the outcomes of each fit period on
// the predictors, over all units, summed over the periods; sum one.
Eigen::VectorXd RegressionV(const VProblem& problem);

struct VChoice {
  // Sum one.
  Eigen::VectorXd v;
  std::vector<SearchStart> starts;
  bool starts_agree = true;
};

// Minimises the mean squared gap in the fit periods over V, by Nelder-Mead in
// the logarithms of V from several starts: equal V, the regression's, and one
// for each predictor that dominates. No V is below 1e-8 of the greatest, where
// the weights stop to be determined (Becker, Kloessner 2018, "Fast and reliable
// computation of generalized synthetic controls", Econometrics and Statistics
// 5). `names` are the predictors'.
absl::StatusOr<VChoice> NestedV(const VProblem& problem,
                                const std::vector<std::string>& names);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_V_SEARCH_H_
