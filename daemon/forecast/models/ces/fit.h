// Fits of complex exponential smoothing, the choice of the form, and forecasts.
//
// Smoothing parameters lie in 0.01 <= a0 <= 2, 0.01 <= a1 <= 1.9 and 0.01 <=
// b0, b1 <= 1.5, with a0 and a1 in the stable region of the form without a
// season. They are shrunk: if a1 is above (below) one, forecasts grow (decay)
// by about (a1 - 1) / a0 of themselves in every period, and a short series
// determines that rate badly. Fits are CANCELLED once `stop` is requested. Pure
// functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/models/ces/recursion.h"

namespace headway::forecast {

struct CesFit {
  CesForm form = CesForm::kNone;
  int season = 1;  // 1 for the form without a season
  CesSmoothing smoothing = {};
  CesState final;
  double sum_of_squares = 0;
  // Akaike's criterion with the correction for short series (Hurvich, Tsai
  // 1989), without its constant. As in R's `smooth`, it counts the smoothing
  // parameters and the variance but not the states, which are backcast.
  double aicc = 0;
  // The variance of the innovations, its degrees of freedom, and the covariance
  // of the estimated smoothing parameters.
  double variance = 0;
  double degrees = 1;
  std::array<CesSmoothing, kMaxCesParameters> covariance = {};
};

// Fits are by penalised least squares: the squares of a1 - 1 and b1 - 1 are
// penalised as if both were normal with mean zero and standard deviation
// kCesGrowth / season. Chosen, with the upper limit of a0, on the held-out ends
// of the training parts of M3 yearly, quarterly and other and of M4 yearly,
// hourly and weekly (docs/forecasting.md).
inline constexpr double kCesGrowth = 0.14;

// `season` is the number of periods in a cycle, 1 for none, whatever the form.
// FAILED_PRECONDITION: too few values, or a seasonal form and fewer than two
// cycles of values.
absl::StatusOr<CesFit> FitCes(absl::Span<const double> values, CesForm form,
                              int season, StopRequest stop = {});

// The fit of least AICc. FAILED_PRECONDITION: too few values for any form.
absl::StatusOr<CesFit> SearchCes(absl::Span<const double> values, int season,
                                 StopRequest stop = {});

// Student's quantiles, with the variance of the linear model plus what the
// uncertainty of the smoothing parameters adds to it.
Prediction PredictCes(const CesFit& fit, int horizon,
                      absl::Span<const double> probabilities);

// The method "auto_ces". FAILED_PRECONDITION: the series is too short.
absl::StatusOr<Prediction> AutoCes(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_
