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
// value. The paper fits it; on the ends, held out, of the training parts of M3
// and M4 series that fits better and forecasts worse. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_THETA_MODEL_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_THETA_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

struct ThetaForm {
  bool dynamic = false;
  bool optimised = false;

  friend bool operator==(const ThetaForm&, const ThetaForm&) = default;
};

// "Theta(STM)", "Theta(OTM)", "Theta(DSTM)", "Theta(DOTM)".
std::string ThetaName(const ThetaForm& form);

inline constexpr int kLeastThetaValues = 7;

struct ThetaFit {
  ThetaForm form;
  double alpha = 0;   // 0.1 to 0.99
  double weight = 0;  // 1 - 1 / theta: 0 to 1
  // Of the squared errors from the fourth value on: the first ones only serve
  // to start the line.
  double sum_of_squares = 0;
  int errors = 0;
  double variance = 0;
};

// By least squares, exactly: with alpha given, the errors are linear in the
// weight, so that the search runs over alpha alone. `values` holds at least
// kLeastThetaValues; missing ones are bridged and not counted.
ThetaFit FitTheta(absl::Span<const double> values, const ThetaForm& form);

// The fit of least AIC among the four. Statsforecast goes by the squared errors
// alone, of which a line through all values always has fewer than it earned.
ThetaFit SearchTheta(absl::Span<const double> values);

// Of the same values. Quantiles are those of a Student distribution with the
// variance of the linear model and what the uncertainty of alpha and the weight
// adds to it.
Prediction PredictTheta(const ThetaFit& fit, absl::Span<const double> values,
                        int horizon, absl::Span<const double> probabilities);

// The methods: "standard_theta", "optimised_theta", "dynamic_standard_theta",
// "dynamic_theta" and "auto_theta". Values are adjusted first as in theta.h.
// FAILED_PRECONDITION: fewer than kLeastThetaValues values.
absl::StatusOr<Prediction> StandardTheta(const ModelInput& input);
absl::StatusOr<Prediction> OptimisedTheta(const ModelInput& input);
absl::StatusOr<Prediction> DynamicStandardTheta(const ModelInput& input);
absl::StatusOr<Prediction> DynamicTheta(const ModelInput& input);
absl::StatusOr<Prediction> AutoTheta(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_THETA_MODEL_H_
