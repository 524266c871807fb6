// Fitting exponential smoothing by maximum likelihood, and choosing the form.
//
// Parameters lie where R's `ets` has them by default: alpha, beta, gamma in
// [0.0001, 0.9999] with beta <= alpha and gamma <= 1 - alpha, phi in
// [0.8, 0.98], and within the admissible region (Hyndman, Akram, Archibald
// 2008). All initial states are estimated with them. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_FIT_H_
#define HEADWAY_DAEMON_FORECAST_ETS_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/ets/ets.h"

namespace headway::forecast {

// Cycles longer than this are not modelled by seasonal states: there would be
// more of them than most series can tell.
inline constexpr int kMaxEtsSeason = 24;

// Smoothing parameters and initial states that are free, the last seasonal
// state not being so.
int CountEtsParameters(const EtsForm& form, int season);

struct EtsFit {
  EtsForm form;
  int season = 1;  // 1 for a form without a season
  EtsSmoothing smoothing;
  EtsState initial;
  EtsState final;
  // As R reports it: without the constant.
  double log_likelihood = 0;
  // Akaike's criterion with the correction for short series (Hurvich and Tsai
  // 1989).
  double aicc = 0;
  // Akaike's criterion with what shrinkage charged. Not corrected: parameters
  // that are shrunk count for less than one each.
  double charged_aic = 0;
  // Variance of the (relative, for multiplicative errors) innovations.
  double variance = 0;
};

// What is charged to minus twice the log-likelihood, as if by normal priors.
// Full likelihood has the better fit and the worse forecasts: with few values
// it fits noise, and with many the error of one period decides, whatever the
// horizon (Pritularga, Svetunkov, Kourentzes 2023). The default charges
// nothing.
struct EtsShrinkage {
  double alpha_mean = 0;
  // For each value observed, times the square of alpha - alpha_mean.
  double alpha_weight = 0;
  // For each value observed, times the square of the share of its interval that
  // beta takes.
  double beta_weight = 0;
  // Times the squares of the distances of initial states from where the search
  // starts: the level in root mean square changes of the series, the growth in
  // quarters, seasonal states in halves of one.
  double state_weight = 0;
};

// The shrinkage for forecasts about a cycle or more ahead. Its numbers were
// chosen on training parts of series, see docs/forecasting.md.
EtsShrinkage ForecastShrinkage(int season);

// FAILED_PRECONDITION: too few values for this form, a season above
// kMaxEtsSeason, or values that are not positive where the form needs it.
absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              const EtsShrinkage& shrinkage = {});

// The forms that R tries by default: without multiplicative trends and without
// those whose forecasts have infinite variance.
std::vector<EtsForm> DefaultEtsForms(absl::Span<const double> values,
                                     int season);

// Forms whose charged_aic is further than this above the least are of no
// account.
inline constexpr double kEtsFarBehind = 28;

// The fits of DefaultEtsForms that have a finite likelihood; at least one. With
// shrinkage, the fits of forms that fall behind by kEtsFarBehind are left
// unfinished.
// FAILED_PRECONDITION: too few values for any.
absl::StatusOr<std::vector<EtsFit>> FitEtsForms(absl::Span<const double> values,
                                                int season,
                                                const EtsShrinkage& shrinkage);

// The fit of least AICc among them, by full likelihood.
absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_FIT_H_
