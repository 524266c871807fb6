// Fits of structural models by maximum likelihood, the choice of the form, and
// forecasts. filter.h describes the models. Fits are CANCELLED once `stop` is
// requested. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/models/structural/filter.h"

namespace headway::forecast {

// The longest season that is modelled. Longer ones would have more states than
// most series can identify. A convention.
inline constexpr int kMaxStructuralSeason = 24;
// Of a longer series only the last so many values are used. A convention.
inline constexpr int kMaxStructuralValues = 1000;

struct StructuralFit {
  StructuralForm form;
  int season = 1;  // 1 for a form without a season
  StructuralVariances variances;
  // The diffuse log-likelihood (Durbin, Koopman, 7.2.2), which statsmodels
  // reports with `use_exact_diffuse`.
  double log_likelihood = 0;
  // StructuralFilter::surprises() with these variances.
  std::vector<double> surprises;
};

// The variances of greatest diffuse likelihood; their scale is concentrated out
// (Harvey 1989, 3.4). FAILED_PRECONDITION: too few values for the form, a
// season above kMaxStructuralSeason, a season that was never observed, or
// values that are all zero.
absl::StatusOr<StructuralFit> FitStructural(absl::Span<const double> values,
                                            const StructuralForm& form,
                                            int season, StopRequest stop = {});

// The form of least AICc among the local level with and without drift, without
// a season and with the likelier one of dummies and harmonics. The local linear
// trend takes its place if the likelihood gains far more by it than AICc asks
// for.
//
// Diffuse likelihoods of forms with different states are not comparable
// (Francke, Koopman, de Vos 2010, "Likelihood functions for state space models
// with diffuse initial conditions", Journal of Time Series Analysis 31),
// because different numbers of values initialise the states. So forms are
// compared by the density of those values that all of them forecast, and the
// variances count as parameters. FAILED_PRECONDITION: too few values for any
// form.
absl::StatusOr<StructuralFit> SearchStructural(absl::Span<const double> values,
                                               int season,
                                               StopRequest stop = {});

// Normal, with exact mean and variance given the variances of the model.
Prediction PredictStructural(absl::Span<const double> values,
                             const StructuralFit& fit, int horizon,
                             absl::Span<const double> probabilities);

// The method "structural": SearchStructural. A season longer than
// kMaxStructuralSeason is removed by classical decomposition, if the test of
// math/seasonality.h finds it. FAILED_PRECONDITION: the series is too short.
absl::StatusOr<Prediction> Structural(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_STRUCTURAL_FIT_H_
