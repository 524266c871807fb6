// The search for an ARIMA model: stepwise, after Hyndman and Khandakar,
// "Automatic Time Series Forecasting: The forecast Package for R", Journal of
// Statistical Software 2008, as R's `auto.arima` runs it:
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
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"

namespace headway::forecast {

struct ArimaSearch {
  ArimaDesign design;
  ArimaFit best;
  // Every model that was not rejected, in the order of the search. Those far
  // from the best were given up early: their AICc is an upper bound.
  std::vector<ArimaFit> considered;
};

// The season, and how often to difference; with regressors, the residuals of
// least squares. NaN is a missing value; the first and the last are present.
// FAILED_PRECONDITION: fewer than five values. INVALID_ARGUMENT: regressors,
// see MakeArimaDesign.
absl::StatusOr<ArimaForm> FindDifferences(absl::Span<const double> values,
                                          int season,
                                          const Regressors& regressors = {});

// The search among models of the differences and the season of `differences`;
// with regressors, among regressions with ARIMA errors. Errors as above, and
// FAILED_PRECONDITION where differencing leaves nothing.
absl::StatusOr<ArimaSearch> SearchArima(absl::Span<const double> values,
                                        const ArimaForm& differences,
                                        const Regressors& regressors = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_SEARCH_H_
