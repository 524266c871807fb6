// The Bayesian structural counterfactual of CausalImpact: a random level, a
// season and a slope if wanted, a static regression on controls; what would
// have been is drawn from its posterior.
//
// Brodersen, Gallusser, Koehler, Remy, Scott 2015, "Inferring Causal Impact
// Using Bayesian Structural Time-Series Models", Annals of Applied Statistics
// 9. States by the simulation smoother of Durbin, Koopman 2002, "A Simple and
// Efficient Simulation Smoother for State Space Time Series Analysis",
// Biometrika 89. Outcome and controls are standardised by mean and standard
// deviation before the event: no later value enters a prior or a scale.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_GIBBS_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_GIBBS_H_

#include <Eigen/Dense>
#include <cstdint>

#include "absl/status/statusor.h"
#include "daemon/evidence/counterfactual/input.h"
#include "daemon/evidence/counterfactual/regression_draw.h"
#include "daemon/evidence/counterfactual/state_filter.h"

namespace headway::evidence {

// Of the standard deviation of a component's noise, in those of the outcome:
// gamma for its inverse square.
struct DeviationPrior {
  double guess = 0.01;
  // What it is worth, in values.
  double degrees = 32;
  double most = 1;
};

struct BayesianOptions {
  StructuralForm form;
  DeviationPrior level;
  DeviationPrior slope = {.guess = 0.01, .degrees = 32, .most = 1};
  DeviationPrior season = {.guess = 0.01, .degrees = 0.01, .most = 1};
  RegressionPrior regression;
  int draws = 10000;
  // Before those that are kept.
  int burn_in = 2000;
  uint64_t seed = 1;
};

struct BayesianDraws {
  // Draw x period, in the outcome's units: what would be seen without the
  // event, irregular and all.
  Eigen::MatrixXf counterfactual;
  // Without the irregular, the mean of all draws: by period.
  Eigen::VectorXd expected;
  // Draw x 1 + controls: intercept and slopes for the standardised series.
  Eigen::MatrixXd coefficients;
  // The shares of draws in which the slope is not zero. [control]
  Eigen::VectorXd inclusion;
  // Standard deviations in the outcome's units, by draw; 0 for what is not in
  // the form.
  Eigen::VectorXd irregular;
  Eigen::VectorXd level;
  Eigen::VectorXd slope;
  Eigen::VectorXd season;
};

// Errors of CheckInput. INVALID_ARGUMENT: a prior or a count out of its range.
// RESOURCE_EXHAUSTED: draws and periods that would not fit in memory. Pure.
absl::StatusOr<BayesianDraws> DrawCounterfactual(
    const CounterfactualInput& input, const BayesianOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_GIBBS_H_
