// "auto_arima": the ARIMA model that the stepwise search of Hyndman and
// Khandakar, "Automatic Time Series Forecasting: The forecast Package for R",
// Journal of Statistical Software 2008, finds, as R's `auto.arima` runs it:
//
// - a seasonal difference where the season's strength is above 0.64, first
//   differences (at most two) by the test of unit_root.h;
// - from four models and the constant, to neighbours of lower AICc until there
//   is none: p, q up to 5, P, Q up to 2, each up to a third of the values (of
//   the cycles);
// - models with a root below 1.01 are rejected.
//
// Unlike R, every model is compared by its exact likelihood, however long the
// series: there is no approximation to refit. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_AUTO_ARIMA_H_
#define HEADWAY_DAEMON_FORECAST_AUTO_ARIMA_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima_design.h"
#include "daemon/forecast/arima_fit.h"
#include "daemon/forecast/model.h"

namespace headway::forecast {

struct ArimaModel {
  ArimaDesign design;
  ArimaFit fit;
};

// The search; with regressors, for a regression with ARIMA errors, whose
// differences are chosen on the residuals of least squares. NaN is a missing
// value; the first and the last are present. FAILED_PRECONDITION: fewer than
// five values. INVALID_ARGUMENT: regressors, see MakeArimaDesign.
absl::StatusOr<ArimaModel> SearchArima(absl::Span<const double> values,
                                       int season,
                                       const Regressors& regressors = {});

absl::StatusOr<Prediction> AutoArima(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_AUTO_ARIMA_H_
