// The benchmarks: mean, naive, seasonal naive and drift (Hyndman and
// Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5).
//
// Errors are taken as normal, with the variance that a random walk, a seasonal
// random walk and a random walk with drift have. A change across missing
// periods counts as the sum of that many changes. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_

#include "absl/status/statusor.h"
#include "daemon/forecast/math/model.h"

namespace headway::forecast {

// The mean of the values, for errors that are independent, by Student's t
// distribution. Needs two values.
absl::StatusOr<Prediction> Mean(const ModelInput& input);

// The last value. Needs two values.
absl::StatusOr<Prediction> Naive(const ModelInput& input);

// The last value of the same season. FAILED_PRECONDITION: a season that was
// never observed, or no season observed twice.
absl::StatusOr<Prediction> SeasonalNaive(const ModelInput& input);

// The line through the first and the last value, continued.
// FAILED_PRECONDITION: fewer than three values.
absl::StatusOr<Prediction> Drift(const ModelInput& input);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_SIMPLE_H_
