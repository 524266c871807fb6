// The method "ridge_ar": autoregression on seasonal lags, fitted by ridge
// regression.
//
// The value is regressed on the values 1 to 4 periods ago and around one and
// two cycles ago; ridge regression (math/ridge.h) shrinks the coefficients.
// Several such models are fitted: to the series and to its differences over one
// period and over each cycle, each on square roots and on logarithms of the
// values, or on the values themselves if those do not exist. Their forecasts
// are averaged with weights in inverse proportion to their squared errors over
// the held-out end of the series (Bates, Granger 1969, "The Combination of
// Forecasts", Operational Research Quarterly 20; quantiles are averaged as in
// Lichtendahl, Grushka-Cockayne, Winkler 2013, "Is It Better to Average
// Probabilities or Quantiles?", Management Science 59). The parts come from
// textbooks, their combination and its settings do not.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// For long and double seasons. Intervals are those of normal innovations on the
// transformed scale, and ignore that the coefficients were estimated. Missing
// values are filled first (math/seasonality.h). FAILED_PRECONDITION: fewer than
// 12 values, or no model whose forecasts stay within two ranges of the values.
// Pure.
absl::StatusOr<Prediction> RidgeAr(const ModelInput& input);

// The lags for `cycles`, in rising order. Pure.
std::vector<int> SeasonalLags(absl::Span<const int> cycles);

// A linear recursion: the next value is the sum over the lags of coefficient
// times the value `lag` periods before it, plus an innovation.
struct Autoregression {
  std::vector<int> lags;
  std::vector<double> coefficients;
  double variance = 0;  // of the innovations
};

// Fits the changes over `difference` periods (0: the values themselves, whose
// mean should be zero) on those of `lags` that fit three times into the
// changes, and returns the recursion of the values. If none of `lags` fits, the
// changes are taken for noise. Pure.
Autoregression FitAutoregression(absl::Span<const double> values,
                                 absl::Span<const int> lags, int difference);

// The values that the recursion gives after the last of `values`, without
// further innovations. [horizon] Pure.
std::vector<double> Continue(const Autoregression& model,
                             absl::Span<const double> values, int horizon);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_RIDGE_AR_H_
