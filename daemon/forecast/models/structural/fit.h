// Fitting structural models by maximum likelihood, choosing the form, and
// forecasting. See structural.h for the models. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/models/structural/structural.h"

namespace headway::forecast {

// Longer cycles would take more seasonal states than most series can tell.
inline constexpr int kMaxStructuralSeason = 24;
// Of a longer series only the last so many values are used.
inline constexpr int kMaxStructuralValues = 1000;

struct StructuralFit {
  StructuralForm form;
  int season = 1;  // 1 for a form without a season
  StructuralVariances variances;
  // Diffuse: Durbin and Koopman, 7.2.2, which is what statsmodels reports with
  // `use_exact_diffuse`.
  double log_likelihood = 0;
  // StructuralFilter::surprises with these variances.
  std::vector<double> surprises;
};

// The variances of greatest diffuse likelihood; their scale is concentrated out
// (Harvey 1989, 3.4). FAILED_PRECONDITION: too few values for the form, a
// season above kMaxStructuralSeason, a season that was never observed, or
// nothing but zeros.
absl::StatusOr<StructuralFit> FitStructural(absl::Span<const double> values,
                                            const StructuralForm& form,
                                            int season);

// The form of least AICc among the local level, without and with drift, with no
// season or with the likelier one of dummies and harmonics; the local linear
// trend in its place where the likelihood gains far more by it than AICc asks
// for. Forms differ in how many values serve to start their states, and diffuse
// likelihoods of different states are not comparable (Francke, Koopman, de Vos
// 2010): these are compared by the density of the values that all of them
// forecast, and the variances count as parameters. FAILED_PRECONDITION: too few
// values for any form.
absl::StatusOr<StructuralFit> SearchStructural(absl::Span<const double> values,
                                               int season);

// Exact mean and variance, given the variances of the model.
Prediction PredictStructural(absl::Span<const double> values,
                             const StructuralFit& fit, int horizon,
                             absl::Span<const double> probabilities);

// The method "structural": SearchStructural. A season longer than
// kMaxStructuralSeason is taken out by decomposition, where the test finds one.
// FAILED_PRECONDITION: the series is too short.
absl::StatusOr<Prediction> Structural(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_
