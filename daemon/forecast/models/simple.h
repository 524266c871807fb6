// The benchmark methods: mean, naive, seasonal naive and drift (Hyndman,
// Athanasopoulos 2021, "Forecasting: Principles and Practice", 3rd ed., 5.2 and
// 5.5).
//
// Errors count as normal, with the variance of a random walk, a seasonal random
// walk and a random walk with drift. A change across missing periods counts as
// the sum of that many changes. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// "mean": the mean of the values, with Student's distribution for independent
// errors. Needs two values.
absl::StatusOr<Prediction> Mean(const ModelInput& input);

// "naive": the last value. Needs two values.
absl::StatusOr<Prediction> Naive(const ModelInput& input);

// "seasonal_naive": the last value of the same season. FAILED_PRECONDITION: a
// season that was never observed, or no season that was observed twice.
absl::StatusOr<Prediction> SeasonalNaive(const ModelInput& input);

// "drift": the line through the first and the last value, continued.
// FAILED_PRECONDITION: fewer than three values.
absl::StatusOr<Prediction> Drift(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_
