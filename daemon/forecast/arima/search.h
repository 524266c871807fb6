// The stepwise search for an ARIMA model, as R's `auto.arima` runs it (Hyndman,
// Khandakar 2008, "Automatic Time Series Forecasting: The forecast Package for
// R", Journal of Statistical Software 27):
//
// - one seasonal difference if the strength of the season is 0.64 or more, and
//   at most two first differences by the test of unit_root.h;
// - from four models and the constant on to neighbours of lower AICc, until
//   there is none: p and q up to 5 and up to a third of the number of values, P
//   and Q up to 2 and up to a third of the number of cycles;
// - models with a root below 1.01 are rejected.
//
// Unlike in R, models are compared by the exact likelihood, however long the
// series; there is no approximation to refit. CANCELLED once `stop` is
// requested. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct ArimaSearch {
  ArimaDesign design;
  ArimaFit best;
  // Every model that was not rejected, in the order of the search. The search
  // for a model far from the best is given up early: its AICc is an upper
  // bound.
  std::vector<ArimaFit> considered;
};

// A form with the season and the numbers of differences set; with regressors,
// those of the residuals of least squares. NaN marks a missing value; the first
// and the last are present. FAILED_PRECONDITION: fewer than five values.
// INVALID_ARGUMENT: regressors that MakeArimaDesign refuses.
absl::StatusOr<ArimaForm> FindDifferences(absl::Span<const double> values,
                                          int season,
                                          const Regressors& regressors = {},
                                          StopRequest stop = {});

// The search among models with the differences and the season of `differences`;
// with regressors, among regressions with ARIMA errors. Errors as
// FindDifferences, and FAILED_PRECONDITION if differencing leaves no values.
absl::StatusOr<ArimaSearch> SearchArima(absl::Span<const double> values,
                                        const ArimaForm& differences,
                                        const Regressors& regressors = {},
                                        StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_
