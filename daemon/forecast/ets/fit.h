// Fits of exponential smoothing by maximum likelihood, and the choice of the
// form.
//
// Parameters have the default limits of R's `ets`: alpha, beta and gamma in
// [0.0001, 0.9999] with beta <= alpha and gamma <= 1 - alpha, phi in [0.8,
// 0.98], and all of them within the admissible region (Hyndman, Akram,
// Archibald 2008, "The admissible parameter space for exponential smoothing
// models", Annals of the Institute of Statistical Mathematics 60). All initial
// states are estimated. Fits are CANCELLED once `stop` is requested. Pure
// functions.
#ifndef HEADWAY_DAEMON_FORECAST_ETS_FIT_H_
#define HEADWAY_DAEMON_FORECAST_ETS_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/ets/form.h"
#include "daemon/forecast/ets/shrinkage.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct EtsFit {
  EtsForm form;
  int season = 1;  // 1 for a form without a season
  EtsSmoothing smoothing;
  EtsState initial;
  EtsState final;
  // Without the constant, as R reports it.
  double log_likelihood = 0;
  // Akaike's criterion with the correction for short series (Hurvich, Tsai
  // 1989, "Regression and time series model selection in small samples",
  // Biometrika 76).
  double aicc = 0;
  // Akaike's criterion plus the penalty of the shrinkage. Without the
  // correction for short series, since shrunk parameters count for less than
  // one each.
  double charged_aic = 0;
  // The variance of the innovations, which are relative for multiplicative
  // errors.
  double variance = 0;
};

// The fit of one form. FAILED_PRECONDITION: too few values for the form, a
// season above kMaxEtsSeason, or values that are not positive where the form
// needs it.
absl::StatusOr<EtsFit> FitEts(absl::Span<const double> values,
                              const EtsForm& form, int season,
                              const EtsShrinkage& shrinkage = {},
                              StopRequest stop = {});

// The forms that R's `ets` tries by default and that the values allow. Forms
// with multiplicative trends and forms whose forecasts have infinite variance
// are not among them.
std::vector<EtsForm> DefaultEtsForms(absl::Span<const double> values,
                                     int season);

// Forms whose charged_aic exceeds the least by more than this are ignored. With
// the weights exp(-difference / 4) of auto.h they would weigh less than 0.001.
// A convention.
inline constexpr double kEtsFarBehind = 28;

// The fits of DefaultEtsForms that have a finite likelihood; at least one. With
// shrinkage, the search for a form that falls behind by kEtsFarBehind is ended
// early, and its fit is not the optimum. FAILED_PRECONDITION: too few values
// for any form.
absl::StatusOr<std::vector<EtsFit>> FitEtsForms(absl::Span<const double> values,
                                                int season,
                                                const EtsShrinkage& shrinkage,
                                                StopRequest stop = {});

// The fit by full likelihood of least AICc. FAILED_PRECONDITION as FitEtsForms.
absl::StatusOr<EtsFit> SearchEts(absl::Span<const double> values, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ETS_FIT_H_
