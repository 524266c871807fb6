// ARIMA methods, on the last 3,000 values. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_
#define HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "arima": the one model of least AICc that the search of arima_search.h finds,
// with normal quantiles. FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> Arima(const ModelInput& input);

// "auto_arima": the average over the models that the search considers, weighted
// by exp(-AICc / 2) (Buckland, Burnham, Augustin, "Model Selection: An Integral
// Part of Inference", Biometrics 1997). AICc cannot compare numbers of
// differences, and the test that chooses them is often wrong: where it asks for
// two first differences, or where there is no difference of either kind, models
// of one first difference make up half. The variance is that of the mixture, so
// that it holds the doubt about the model, with Student quantiles for the doubt
// about its size. FAILED_PRECONDITION: fewer than five values.
absl::StatusOr<Prediction> AutoArima(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ARIMA_AUTO_H_
