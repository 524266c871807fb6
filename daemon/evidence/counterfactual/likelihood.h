// Structural models with regressors by maximum likelihood: an intervention as a
// dummy, and the forecast from before it.
//
// Harvey, Durbin 1986, "The Effects of Seat Belt Legislation on British Road
// Casualties", JRSS A 149. The first state is exactly diffuse; coefficients are
// those of greatest likelihood given the variances (generalised least squares),
// as in statsmodels' UnobservedComponents with mle_regression and
// use_exact_diffuse. Diffuse likelihoods of models with other states are not
// comparable.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_LIKELIHOOD_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_LIKELIHOOD_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/counterfactual/input.h"
#include "daemon/evidence/counterfactual/state_filter.h"

namespace headway::evidence {

struct StructuralFit {
  StructuralVariances variances;
  // Of the regressors, and their covariance given the variances.
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd coefficient_covariance;
  // With log(2 pi) for every value, those too that determined the diffuse
  // states.
  double log_likelihood = 0;
  Eigen::Index values = 0;
  Eigen::Index diffuse = 0;
  // Given all values: states x periods.
  Eigen::MatrixXd states;
};

struct StructuralOptions {
  StructuralForm form;
  // False keeps the season's dummies fixed: their variance is zero.
  bool season_varies = true;
};

// The fit with the variances and coefficients as they are given, whose
// covariance is zero. `outcome` has NaN where missing; regressors are periods x
// regressors. FAILED_PRECONDITION: the values do not determine the states, or
// all variances are zero.
absl::StatusOr<StructuralFit> FitAt(const Eigen::VectorXd& outcome,
                                    const Eigen::MatrixXd& regressors,
                                    const StructuralForm& form,
                                    const StructuralVariances& variances,
                                    const Eigen::VectorXd& coefficients);

// That of greatest likelihood. A variance whose best value is zero is zero, and
// no failure. Several deterministic starts. INVALID_ARGUMENT: regressors that
// are collinear given the states; the message names one.
absl::StatusOr<StructuralFit> FitStructural(
    const Eigen::VectorXd& outcome, const Eigen::MatrixXd& regressors,
    const std::vector<std::string>& names, const StructuralOptions& options);

struct StructuralForecast {
  Eigen::VectorXd mean;
  // Of the errors: of states, irregular, and coefficients if they have one.
  Eigen::MatrixXd covariance;
};

// The distribution of the outcome in the last regressors.rows() -
// outcome.size() periods given all of `outcome`, by the fit.
absl::StatusOr<StructuralForecast> ForecastStructural(
    const Eigen::VectorXd& outcome, const Eigen::MatrixXd& regressors,
    const StructuralForm& form, const StructuralFit& fit);

// Both answers to the same question.
struct StructuralImpact {
  // All periods, with a step at the event as the last regressor.
  StructuralFit with_step;
  double step = 0;
  double step_error = 0;
  // The periods before, and what they foretell.
  StructuralFit before;
  StructuralForecast forecast;
  // Of the mean of outcome less forecast over the periods that have a value.
  double average = 0;
  double average_error = 0;
  Eigen::Index compared = 0;
  // Fitted values before the event, smoothed: by period.
  Eigen::VectorXd fitted;
};

absl::StatusOr<StructuralImpact> EstimateStructuralImpact(
    const CounterfactualInput& input, const StructuralOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_LIKELIHOOD_H_
