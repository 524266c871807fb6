// Linear Gaussian state space models with missing observations: likelihood and
// smoothed states.
//
//   y_t = design a_t + e_t              e_t ~ N(0, diag(observation_variance))
//   a_t = intercept + transition a_{t-1} + u_t     u_t ~ N(0, shock_covariance)
//
// and a_0 ~ N(state0, covariance0). Observations of a period are taken one
// after another (Koopman, Durbin 2000, "Fast Filtering and Smoothing for
// Multivariate State Space Models", Journal of Time Series Analysis 21), so
// that none needs be there.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_STATE_SPACE_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_STATE_SPACE_H_

#include <Eigen/Dense>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace headway::evidence {

struct StateSpace {
  Eigen::MatrixXd design;                // series x states
  Eigen::VectorXd observation_variance;  // of every series
  Eigen::MatrixXd transition;            // states x states
  Eigen::MatrixXd shock_covariance;      // states x states
  Eigen::VectorXd state0;
  Eigen::MatrixXd covariance0;
  Eigen::VectorXd intercept;  // of the states; empty stands for zero

  Eigen::Index states() const { return transition.rows(); }
  Eigen::Index series() const { return design.rows(); }
};

// INVALID_ARGUMENT: shapes that do not fit one another, a value that is not
// finite, a variance below zero.
absl::Status CheckStateSpace(const StateSpace& model);

struct SmootherOptions {
  // Whether states' covariances, also with those of the period before, are
  // wanted.
  bool covariances = true;
};

struct Smoothed {
  double log_likelihood = 0;
  // Given all observations: states x periods.
  Eigen::MatrixXd states;
  std::vector<Eigen::MatrixXd> covariances;
  // Number t: of a_t with a_{t-1}; that of the first period is empty.
  std::vector<Eigen::MatrixXd> lag_covariances;
  // Given the observations of earlier periods alone.
  Eigen::MatrixXd predicted;
};

// `observations` is periods x series, NaN where missing; infinite values and
// shapes that do not fit are INVALID_ARGUMENT. Pure.
absl::StatusOr<Smoothed> Smooth(const StateSpace& model,
                                const Eigen::MatrixXd& observations,
                                const SmootherOptions& options = {});

// The covariance that the states of a stable model settle at, by doubling.
// INVALID_ARGUMENT: the transition is not stable. Pure.
absl::StatusOr<Eigen::MatrixXd> StationaryCovariance(
    const Eigen::MatrixXd& transition, const Eigen::MatrixXd& shock_covariance);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_STATE_SPACE_H_
