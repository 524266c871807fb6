// The Theta methods.
//
// Values are adjusted first for a season that the test of seasonality.h finds,
// by multiplicative classical decomposition (additive where values are not
// positive), and forecasts get it back. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_THETA_H_
#define HEADWAY_DAEMON_FORECAST_THETA_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/model.h"

namespace headway::forecast {

// "theta": Assimakopoulos and Nikolopoulos 2000 in the form of Hyndman and
// Billah 2003, simple exponential smoothing with half the slope of the trend,
// as R's `thetaf` has it. FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> Theta(const ModelInput& input);

// "dynamic_theta": the dynamic optimised Theta model of Fiorucci, Pellegrini,
// Louzada, Petropoulos, Koehler 2016, whose line is re-estimated with every
// value. FAILED_PRECONDITION: fewer than seven values.
absl::StatusOr<Prediction> DynamicTheta(const ModelInput& input);

// The parameters of the dynamic optimised Theta model: theta >= 1,
// 0.1 <= alpha <= 0.99.
struct DynamicThetaFit {
  double alpha = 0;
  double theta = 1;
  double level = 0;  // initial
  // Of the squared errors from the fourth value on: the first ones only serve
  // to start the line.
  double sum_of_squares = 0;
  int errors = 0;
};

// By least squares, exactly: with alpha given, the errors are linear in the
// initial level and in 1 - 1 / theta, so that the search runs over alpha alone.
// `values` holds at least seven; missing ones are bridged and not counted.
DynamicThetaFit FitDynamicTheta(absl::Span<const double> values);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_THETA_H_
