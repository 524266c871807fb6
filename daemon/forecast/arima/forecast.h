// Forecasts of a fitted ARIMA model.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_FORECAST_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_FORECAST_H_

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"

namespace headway::forecast {

struct ArimaPath {
  std::vector<double> mean;      // [horizon]
  std::vector<double> variance;  // [horizon]
};

// The normal distribution of the periods after the last, given the parameters:
// exact for the values at hand, also where the filter has not come to rest or
// values near the end are missing. As in R, the coefficients of regressors
// count as known. `future` holds the regressors there. INVALID_ARGUMENT: not as
// many as the fit has, not `horizon` values each, or one that is not finite.
absl::StatusOr<ArimaPath> PredictArima(const ArimaDesign& design,
                                       const ArimaFit& fit, int horizon,
                                       const Regressors& future);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_FORECAST_H_
