// Vector autoregressions, equation by equation by least squares.
//
// Lütkepohl 2005, "New Introduction to Multiple Time Series Analysis", 3.2 and
// 3.5.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_VAR_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_VAR_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/var/system.h"

namespace headway::evidence {

struct VarOptions {
  int lags = 1;
  Deterministic deterministic = Deterministic::kConstant;
};

struct Var {
  System system;
  VarOptions options;
  // Regressors x equations: lag 1 of every series, ..., the last lag, then the
  // deterministic terms. `regressors` names the rows.
  std::vector<std::string> regressors;
  Eigen::MatrixXd coefficients;
  Eigen::MatrixXd standard_errors;
  Eigen::MatrixXd design;        // observations x regressors
  Eigen::MatrixXd residuals;     // observations x series
  Eigen::MatrixXd gram_inverse;  // (X'X)^-1
  // Residual products over observations less regressors, and over observations.
  Eigen::MatrixXd covariance;
  Eigen::MatrixXd covariance_ml;
  double log_likelihood = 0;
  // Moduli of the companion matrix's eigenvalues, falling: below one if stable.
  std::vector<double> roots;

  int observations() const { return static_cast<int>(residuals.rows()); }
  // Observations less the coefficients of one equation.
  int degrees() const {
    return observations() - static_cast<int>(design.cols());
  }
  bool stable() const { return roots.empty() || roots.front() < 1; }
  // Coefficients of lag `lag` >= 1: [equation][cause].
  Eigen::MatrixXd Lag(int lag) const;
};

// INVALID_ARGUMENT: a bad system (CheckSystem), too few periods, collinear
// lags. Pure.
absl::StatusOr<Var> FitVar(const System& system, const VarOptions& options);

// The falling moduli of the eigenvalues of the companion matrix of such
// coefficients (regressors x equations), `lags` of them. Pure.
std::vector<double> CompanionRoots(const Eigen::MatrixXd& coefficients,
                                   int lags);

struct VarForecast {
  Eigen::MatrixXd mean;  // steps x series
  // Of the errors of forecast, without the uncertainty of coefficients.
  Eigen::MatrixXd standard_error;
};

// `steps` >= 1 after the last period. Pure.
VarForecast ForecastVar(const Var& var, int steps);

// Coefficients of the moving average, 0 to `steps`: [response][shock] of the
// shocks as they are; number 0 is the identity. Pure.
std::vector<Eigen::MatrixXd> MovingAverage(const Eigen::MatrixXd& coefficients,
                                           int lags, int steps);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_VAR_H_
