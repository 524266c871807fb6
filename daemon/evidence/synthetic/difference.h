// Synthetic difference in differences: donors and periods are weighted so that
// the treated units' trend before the treatment is matched, and the difference
// of differences is taken with those weights.
//
// Arkhangelsky, Athey, Hirshberg, Imbens, Wager 2021, "Synthetic
// Difference-in-Differences", American Economic Review 111. All treated units
// begin at once. Pure functions, thread-safe; random draws are by seed.
#ifndef HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_DIFFERENCE_H_
#define HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_DIFFERENCE_H_

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/synthetic/placebos.h"

namespace headway::evidence {

struct BlockPanel {
  // [unit, period], without missing values: the treated units are the last.
  Eigen::MatrixXd outcomes;
  int treated = 0;
  // Periods before the treatment.
  int before = 0;
};

enum class DifferenceEstimator {
  // Both weights, with intercepts.
  kSynthetic,
  // Weights of units alone, without an intercept.
  kControl,
  // Equal weights.
  kDifference,
};

struct DifferenceFit {
  double effect = 0;
  // [donor] and [period before]: not negative, sum one. The control estimator
  // has weights of zero for the periods.
  Eigen::VectorXd unit_weights;
  Eigen::VectorXd time_weights;
  // The standard deviation of the donors' first differences before the
  // treatment, and the ridges made of it: (treated * after)^(1/4) times it for
  // the units, a millionth of it for periods and for the control estimator.
  double noise = 0;
  double unit_ridge = 0;
  double time_ridge = 0;
  // The greater one of both problems (simplex_qp.h).
  double duality_gap = 0;
  // [period]: mean of the treated units, and their counterfactual: the weighted
  // donors, moved by the weighted difference before the treatment.
  Eigen::VectorXd observed;
  Eigen::VectorXd counterfactual;
};

// INVALID_ARGUMENT: no donor, fewer than two periods before (one for equal
// weights) or none after, a missing value; says which.
absl::StatusOr<DifferenceFit> FitDifference(const BlockPanel& panel,
                                            DifferenceEstimator estimator);

enum class DifferenceError {
  // Donors as if treated (algorithm 4 of the paper), each with ridges of its
  // own: the whole procedure is repeated. Needs more donors than
  // treated units, and takes all units to be as noisy.
  kPlacebo,
  // Leaves out one unit with its weight (algorithm 3): needs two treated units
  // and two donors with weight.
  kJackknife,
  // Resamples units, and repeats the whole procedure (algorithm 2): needs two
  // treated units.
  kBootstrap,
};

struct ErrorOptions {
  DifferenceError method = DifferenceError::kPlacebo;
  // Of placebo and bootstrap. One treated unit has as many placebos as there
  // are donors: where that is no more than this, each is taken once and
  // nothing is drawn.
  int replications = 200;
  uint64_t seed = 1;
};

struct ErrorEstimate {
  double standard_error = 0;
  // The estimates that it was made from.
  std::vector<double> estimates;
  // Whether each placebo was taken once.
  bool is_exhaustive = false;
};

// The standard error of `fit`, which is of `panel`. FAILED_PRECONDITION: the
// method cannot be used here; says why and which can.
absl::StatusOr<ErrorEstimate> EstimateError(const BlockPanel& panel,
                                            DifferenceEstimator estimator,
                                            const DifferenceFit& fit,
                                            const ErrorOptions& options,
                                            const Workers& workers);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_DIFFERENCE_H_
