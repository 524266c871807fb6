// The four Theta models, and the choice among them.
//
// Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler 2016, "Models for
// optimising the theta method and their relationship to state space models",
// International Journal of Forecasting 32. Exponential smoothing of a theta
// line is combined with the extrapolation of a straight one:
//
//   y(t) = l(t-1) + w (A (1-a)^(t-1) + B (1 - (1-a)^t) / a) + e(t)
//   l(t) = a y(t) + (1-a) l(t-1),   w = 1 - 1 / theta
//
//                      A and B from all values    from the values before t
//   theta = 2          standard (STM)             dynamic standard (DSTM)
//   theta >= 1 fitted  optimised (OTM)            dynamic optimised (DOTM)
//
// The initial level is the one with which the recursion starts at the first
// value. The paper fits it, which fits better and forecasts worse on the
// held-out ends of training parts of M3 and M4 series. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_THETA_FIT_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_THETA_FIT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct ThetaForm {
  bool dynamic = false;
  bool optimised = false;

  friend bool operator==(const ThetaForm&, const ThetaForm&) = default;
};

// "Theta(STM)", "Theta(OTM)", "Theta(DSTM)", "Theta(DOTM)".
std::string ThetaName(const ThetaForm& form);

// The least number of values for a fit. A convention.
inline constexpr int kLeastThetaValues = 7;

struct ThetaFit {
  ThetaForm form;
  double alpha = 0;   // 0.1 to 0.99
  double weight = 0;  // 1 - 1 / theta: 0 to 1
  // The sum of squared errors from the fourth value on, and their number. The
  // first errors only serve to start the line.
  double sum_of_squares = 0;
  int errors = 0;
  double variance = 0;
};

// The exact least-squares fit: for a given alpha the errors are linear in the
// weight, so that the search runs over alpha alone. `values` holds at least
// kLeastThetaValues; missing ones are bridged by interpolation and not counted.
// The best so far once `stop` is requested.
ThetaFit FitTheta(absl::Span<const double> values, const ThetaForm& form,
                  StopRequest stop = {});

// The fit of least AIC among the four models. Statsforecast chooses by the
// squared errors alone, which favour a line through all values. The best so far
// once `stop` is requested.
ThetaFit SearchTheta(absl::Span<const double> values, StopRequest stop = {});

// `values` are those of the fit. Student's quantiles, with the variance of the
// linear model plus what the uncertainty of alpha and the weight adds to it.
Prediction PredictTheta(const ThetaFit& fit, absl::Span<const double> values,
                        int horizon, absl::Span<const double> probabilities);

// The methods "standard_theta", "optimised_theta", "dynamic_standard_theta",
// "dynamic_theta" and "auto_theta". Values are first adjusted as in
// classical.h. FAILED_PRECONDITION: fewer than kLeastThetaValues values.
absl::StatusOr<Prediction> StandardTheta(const ModelInput& input);
absl::StatusOr<Prediction> OptimisedTheta(const ModelInput& input);
absl::StatusOr<Prediction> DynamicStandardTheta(const ModelInput& input);
absl::StatusOr<Prediction> DynamicTheta(const ModelInput& input);
absl::StatusOr<Prediction> AutoTheta(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_THETA_FIT_H_
