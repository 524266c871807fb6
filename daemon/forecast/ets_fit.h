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
#include "daemon/forecast/ets.h"

namespace headway::forecast {

// Cycles longer than this are not modelled by seasonal states: there would be
// more of them than most series can tell.
inline constexpr int kMaxEtsSeason = 24;

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
  // Variance of the (relative, for multiplicative errors) innovations.
  double variance = 0;
};

// With a `trend_penalty`, minus twice the log-likelihood is charged that much
// times the share of its interval that beta takes: shrinkage against trends
// that chase the noise, as in Pritularga, Svetunkov, Kourentzes 2023. The
// likelihood and AICc reported are without the charge.
//
// FAILED_PRECONDITION: too few values for this form, a season above
// kMaxEtsSeason, or values that are not positive where the form needs it.
absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              double trend_penalty = 0);

// The forms that R tries by default: without multiplicative trends and without
// those whose forecasts have infinite variance.
std::vector<EtsForm> DefaultEtsForms(absl::Span<const double> values,
                                     int season);

// The fit of least AICc among DefaultEtsForms. FAILED_PRECONDITION: too few
// values for any.
absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season,
                                 double trend_penalty = 0);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_FIT_H_
