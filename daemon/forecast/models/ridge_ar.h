// Autoregression on seasonal lags, fitted by ridge regression.
//
// The value is regressed on itself 1 to 4 periods ago and around one and two
// cycles ago; ridge.h shrinks the coefficients. Several such models are fitted:
// to the series and to its differences over one period and over each cycle,
// each on square roots and logarithms of the values, or on the values where
// those do not exist. What they say is averaged with weights in inverse
// proportion to their squared errors over the held-out end of the series
// (Bates, Granger, "The Combination of Forecasts", Operational Research
// Quarterly 1969; quantiles averaged as in Lichtendahl, Grushka-Cockayne,
// Winkler 2013). The parts are textbook, their assembly and its settings are
// ours.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The method "ridge_ar", for long and double seasons. Intervals are those of
// normal innovations on the transformed scale, and leave out that the
// coefficients were estimated. Missing values are filled first
// (seasonality.h). FAILED_PRECONDITION: fewer than 12 values, or no model whose
// forecasts stay within two ranges of the values.
absl::StatusOr<Prediction> RidgeAr(const ModelInput& input);

// The lags for `cycles`, rising.
std::vector<int> SeasonalLags(absl::Span<const int> cycles);

// A linear recursion: the next value is the sum of coefficient times the value
// `lag` periods before, plus an innovation.
struct Autoregression {
  std::vector<int> lags;
  std::vector<double> coefficients;
  double variance = 0;  // of the innovations
};

// On the changes over `difference` periods (0: on the values themselves, whose
// mean should be zero), with those of `lags` that fit three times into what is
// left; the recursion is that of the values. None of `lags` may fit: the
// changes are then taken for noise.
Autoregression FitAutoregression(absl::Span<const double> values,
                                 absl::Span<const int> lags, int difference);

// What the recursion says after the last of `values`. [horizon]
std::vector<double> Continue(const Autoregression& model,
                             absl::Span<const double> values, int horizon);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_
