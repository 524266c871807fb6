// The long-run covariance of a sequence of vectors: kernels, bandwidths that
// the data choose, and prewhitening.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_HAC_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_HAC_H_

#include <Eigen/Dense>
#include <optional>

#include "absl/status/statusor.h"

namespace headway::evidence {

enum class Kernel { kBartlett, kParzen, kQuadraticSpectral, kTukeyHanning };

enum class BandwidthRule {
  // Andrews 1991, "Heteroskedasticity and Autocorrelation Consistent Covariance
  // Matrix Estimation", Econometrica 59, with an AR(1) for each column.
  kAndrews,
  // Newey and West 1994, "Automatic Lag Selection in Covariance Matrix
  // Estimation", Review of Economic Studies 61. Not with Tukey and Hanning.
  kNeweyWest,
};

struct HacOptions {
  Kernel kernel = Kernel::kBartlett;
  BandwidthRule rule = BandwidthRule::kNeweyWest;
  // In place of the rule; a Bartlett kernel with L lags has bandwidth L + 1.
  std::optional<double> bandwidth;
  // By a VAR(1) of the sequence (Andrews and Monahan 1992, "An Improved
  // Heteroskedasticity and Autocorrelation Consistent Covariance Matrix
  // Estimator", Econometrica 60).
  bool prewhiten = false;
};

struct LongRun {
  Eigen::MatrixXd sum;  // of the products: rows times the covariance
  double bandwidth = 0;
};

double KernelWeight(Kernel kernel, double x);

// Of scores, rows in time x columns, which are not centred. `weights` say how
// much a column counts in the choice of the bandwidth. INVALID_ARGUMENT: fewer
// than four rows, a bandwidth that is not positive or a rule that the kernel
// does not have. FAILED_PRECONDITION: a VAR(1) that cannot be estimated, or has
// a unit root, which rules prewhitening out.
absl::StatusOr<LongRun> LongRunCovariance(const Eigen::MatrixXd& scores,
                                          const Eigen::VectorXd& weights,
                                          const HacOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_HAC_H_
