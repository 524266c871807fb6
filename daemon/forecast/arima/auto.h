// The ARIMA methods. Both use the last 3,000 values, and regressors if there
// are any (regression.h); they then need three values for each and three more.
// Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "arima": the model of least AICc that the search of search.h finds, with
// normal quantiles. FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> Arima(const ModelInput& input);

// "auto_arima": the average of the models that the search considers, with
// weights exp(-AICc / 2) (Buckland, Burnham, Augustin 1997, "Model Selection:
// An Integral Part of Inference", Biometrics 53). AICc cannot compare models
// with different numbers of differences, and the test that chooses the number
// often errs. So if it chooses two first differences, or none and no seasonal
// one, half the weight goes to models with one first difference. The variance
// is that of the mixture, which includes the uncertainty about the model;
// quantiles are Student's, for the uncertainty about the variance.
// docs/forecasting.md names the series on which this was chosen.
// FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> AutoArima(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_
