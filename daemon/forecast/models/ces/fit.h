// Fitting complex exponential smoothing, choosing the form, and forecasting.
//
// Smoothing parameters lie in 0.01 <= a0 <= 2, 0.01 <= a1 <= 1.9, 0.01 <= b0,
// b1 <= 1.5, with a0 and a1 where the form without a season is stable. They are
// shrunk: with a1 above (below) one, forecasts grow (decay) by about
// (a1 - 1) / a0 of themselves every period, and short series tell such a number
// badly. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_

#include <array>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/models/ces/ces.h"

namespace headway::forecast {

struct CesFit {
  CesForm form = CesForm::kNone;
  int season = 1;  // 1 for the form without a season
  CesSmoothing smoothing = {};
  CesState final;
  double sum_of_squares = 0;
  // Akaike's criterion with the correction for short series (Hurvich and Tsai
  // 1989), without its constant. As in R's `smooth` it charges the smoothing
  // parameters and the variance, but no states, which were backcast.
  double aicc = 0;
  // Of the innovations, with so many degrees of freedom, and of the estimated
  // smoothing parameters.
  double variance = 0;
  double degrees = 1;
  std::array<CesSmoothing, kMaxCesParameters> covariance = {};
};

// By penalised least squares: the square of (a1 - 1), and of (b1 - 1), is
// charged as if they were known to be zero to a standard deviation of
// kCesGrowth / season.
inline constexpr double kCesGrowth = 0.14;

// `season` is the number of periods in a cycle, 1 for none, for every form.
// FAILED_PRECONDITION: too few values, or a seasonal form with fewer than two
// cycles of them.
absl::StatusOr<CesFit> FitCes(absl::Span<const double> values, CesForm form,
                              int season);

// The fit of least AICc. FAILED_PRECONDITION: too few values for any.
absl::StatusOr<CesFit> SearchCes(absl::Span<const double> values, int season);

// Quantiles of a Student distribution, with the variance of the linear model
// and what the uncertainty of the smoothing parameters adds to it.
Prediction PredictCes(const CesFit& fit, int horizon,
                      absl::Span<const double> probabilities);

// The method "auto_ces". FAILED_PRECONDITION: the series is too short.
absl::StatusOr<Prediction> AutoCes(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_CES_FIT_H_
