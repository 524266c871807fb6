// Forecasts of several series given the path of some of them.
//
// Waggoner, Zha 1999, "Conditional Forecasts in Dynamic Multivariate Models",
// Review of Economics and Statistics 81; Bańbura, Giannone, Lenza 2015,
// "Conditional Forecasts and Scenario Analysis with Vector Autoregressions for
// Large Cross-Sections", International Journal of Forecasting 31.
//
// A forecast given a path is not the effect of the path: it selects the shocks
// that make the path come about, whatever they are.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_CONDITIONAL_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_CONDITIONAL_H_

#include <Eigen/Dense>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::evidence {

// A vector autoregression as it stands at the end of its data.
struct Dynamics {
  // Regressors x equations: lags 1 to `lags` of every series, then a constant.
  Eigen::MatrixXd coefficients;
  Eigen::MatrixXd covariance;  // of the shocks
  int lags = 1;
  Eigen::MatrixXd last;  // the last `lags` periods x series, the oldest first
};

struct Condition {
  int series = 0;  // column
  int step = 1;    // ahead, from 1
  double value = 0;
  // Zero: the value is certain; else it is a normal guess around the value.
  double standard_deviation = 0;
};

struct ConditionalForecast {
  // Steps x series, without the conditions and given them.
  Eigen::MatrixXd baseline;
  Eigen::MatrixXd baseline_sd;
  Eigen::MatrixXd mean;
  Eigen::MatrixXd sd;
  // The squared Mahalanobis distance of the conditions from their baseline: chi
  // squared with `degrees` if the baseline holds; `p` is the part of baselines
  // that lie as far or farther.
  double distance = 0;
  int degrees = 0;
  double p = 1;
  // How far the two algorithms are apart: of means in their baseline's standard
  // deviations, of standard deviations likewise.
  double disagreement = 0;

  // Beyond the shell that holds 99 % of baselines.
  bool implausible() const { return p < 0.01; }
};

// At the coefficients and covariance as given, by two algorithms: the joint
// distribution of all steps, and a Kalman smoother. Without conditions the
// baseline. INVALID_ARGUMENT: shapes, steps below 1, a condition that names
// another step or series, two of one value, conditions that contradict one
// another; INTERNAL: the algorithms disagree by more than 1e-6. Pure.
absl::StatusOr<ConditionalForecast> ForecastGiven(
    const Dynamics& dynamics, int steps,
    const std::vector<Condition>& conditions);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_CONDITIONAL_H_
