// Forecasts of a fitted ARIMA model.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_PREDICT_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_PREDICT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

struct ArimaPath {
  std::vector<double> mean;      // [horizon]
  std::vector<double> variance;  // [horizon]
  // Of the coefficients of the regressors. [regressor]
  std::vector<double> effect_variance;
};

// Mean and variance of the normal distribution of the periods after the last,
// given the parameters. Exact for the present values, also if values near the
// end are missing. As in R, the coefficients of regressors count as known.
// `future` holds the regressors of the periods ahead, [regressor][horizon].
// INVALID_ARGUMENT: a number of regressors other than that of the fit, not
// `horizon` values each, or one that is not finite. CANCELLED: `stop` was
// requested. Pure.
absl::StatusOr<ArimaPath> PredictArima(const ArimaDesign& design,
                                       const ArimaFit& fit, int horizon,
                                       const Regressors& future,
                                       StopRequest stop = {});

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_PREDICT_H_
