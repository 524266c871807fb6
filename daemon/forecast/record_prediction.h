// Forecasts of a record: the largest so far, which never falls (records.h).
#ifndef HEADWAY_DAEMON_FORECAST_RECORD_PREDICTION_H_
#define HEADWAY_DAEMON_FORECAST_RECORD_PREDICTION_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// Quantiles, medians and means of 2,000 seeded paths; none lies below the
// largest value. FAILED_PRECONDITION: fewer than four records. OUT_OF_RANGE:
// the forecast leaves the range of a double. CANCELLED: stopped. Pure.
absl::StatusOr<Prediction> PredictRecord(absl::Span<const double> values,
                                         const Options& options,
                                         absl::Span<const double> probabilities,
                                         StopRequest stop);

// Raises what lies below the largest value so far to it.
void KeepRecord(absl::Span<const double> values, Prediction& prediction);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_RECORD_PREDICTION_H_
