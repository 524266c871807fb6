// Dynamic factor models of monthly and quarterly series with missing values.
//
// Bańbura, Modugno 2014: few factors that all series share, each series with an
// autoregressive part of its own, estimated by the EM algorithm. A quarterly
// value is the weighted sum 1 2 3 2 1 of the months up to the last of its
// quarter (Mariano, Murasawa 2003).
#ifndef HEADWAY_DAEMON_EVIDENCE_NOWCAST_FACTOR_MODEL_H_
#define HEADWAY_DAEMON_EVIDENCE_NOWCAST_FACTOR_MODEL_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/state_space.h"

namespace headway::evidence {

struct FactorParameters {
  Eigen::MatrixXd loadings;           // series x factors
  Eigen::MatrixXd factor_transition;  // factors x (factors * lags)
  Eigen::MatrixXd factor_covariance;  // of the factors' shocks
  Eigen::VectorXd own_ar;             // of each series' own part
  Eigen::VectorXd own_variance;       // of its shocks
};

struct FactorModelOptions {
  int factors = 1;
  int lags = 1;  // of the factors
  // Of each series; quarterly ones have a value in the last month of a quarter.
  std::vector<bool> quarterly;
  int most_iterations = 5000;
  // The search ends when the log likelihood changes by less than this part.
  double tolerance = 1e-8;
  // What is left of a series beside the factors and its own part.
  double observation_variance = 1e-4;
};

struct FactorModel {
  FactorParameters parameters;
  FactorModelOptions options;
  StateSpace state_space;  // of the standardised series
  double log_likelihood = 0;
  std::vector<double> path;  // log likelihoods of the iterations
  bool converged = false;
};

// States: the factors of this month and those before, each monthly series' own
// part, then the own parts of quarterly ones, this month and the four before.
// INVALID_ARGUMENT: the factors or an own part are not stationary.
absl::StatusOr<StateSpace> FactorStateSpace(const FactorParameters& parameters,
                                            const FactorModelOptions& options);

// From months x series of standardised values, NaN where missing. Starts with
// the principal components of the monthly series; no random numbers.
// INVALID_ARGUMENT: options out of range, a series with fewer than 8 values (4
// where quarterly), no monthly series for the factors. Pure.
absl::StatusOr<FactorModel> FitFactorModel(
    const std::vector<std::string>& names, const Eigen::MatrixXd& table,
    const FactorModelOptions& options);

// Means and standard deviations (n - 1) of the values that are there, and the
// table made of them. INVALID_ARGUMENT names a series without variation.
struct Standardised {
  Eigen::VectorXd mean;
  Eigen::VectorXd deviation;
  Eigen::MatrixXd table;
};
absl::StatusOr<Standardised> StandardiseTable(
    const std::vector<std::string>& names, const Eigen::MatrixXd& table);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_NOWCAST_FACTOR_MODEL_H_
