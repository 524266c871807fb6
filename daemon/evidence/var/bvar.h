// Bayesian vector autoregressions with the conjugate Minnesota prior, put into
// the data as dummy observations.
//
// Bańbura, Giannone, Reichlin 2010, "Large Bayesian Vector Auto Regressions",
// Journal of Applied Econometrics 25; the tightness by the marginal likelihood:
// Giannone, Lenza, Primiceri 2015, "Prior Selection for Vector
// Autoregressions", Review of Economics and Statistics 97.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_BVAR_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_BVAR_H_

#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/var/system.h"

namespace headway::evidence {

struct BvarOptions {
  int lags = 4;
  // Lambda: the prior's standard deviation of a variable's own first lag.
  double tightness = 0.2;
  // The prior mean of each series' own first lag: 1 for a series that wanders,
  // 0 for one that returns. Empty stands for ones.
  std::vector<double> own_lag;
  // The inverse of the prior's standard deviation of the constant.
  double constant_precision = 1e-4;
  // Tau and mu, on the mean of the first `lags` observations: that series stay
  // where they are, each by itself, and all together. Smaller is tighter.
  std::optional<double> sum_of_coefficients;
  std::optional<double> single_unit_root;
};

struct Bvar {
  System system;
  BvarOptions options;                  // all of them as they were used
  std::vector<std::string> regressors;  // names of the rows of coefficients
  Eigen::MatrixXd coefficients;  // posterior mean, regressors x equations
  Eigen::MatrixXd gram_inverse;  // times a covariance: that of coefficients
  Eigen::MatrixXd scale;         // S of the inverse Wishart posterior
  double degrees = 0;            // and its degrees of freedom
  Eigen::MatrixXd covariance;    // posterior mean S / (degrees - K - 1)
  double log_marginal_likelihood = 0;
  Eigen::VectorXd residual_scale;  // sigma of each series' own autoregression
  int observations = 0;
  std::vector<double> roots;  // of the posterior mean, falling moduli
};

// The prior has K + 2 degrees of freedom and the scale diag(sigma^2), so that
// log marginal likelihoods compare within this convention only.
// INVALID_ARGUMENT: a bad system, options out of range, too few periods for the
// autoregressions that scale the prior. Pure.
absl::StatusOr<Bvar> FitBvar(const System& system, const BvarOptions& options);

// The same with the tightness between 0.005 and 10 that has the highest
// marginal likelihood, to 1e-6 of its logarithm.
absl::StatusOr<Bvar> FitBvarOfBestTightness(const System& system,
                                            const BvarOptions& options);

// The predictive distribution of the next period: Student's t of many
// variables.
struct StudentPredictive {
  Eigen::VectorXd mean;
  Eigen::MatrixXd scale;
  double degrees = 0;
};
StudentPredictive PredictNext(const Bvar& bvar);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_BVAR_H_
