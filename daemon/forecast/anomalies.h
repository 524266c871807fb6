// Detection of additive outliers and level shifts.
//
// The series, less its seasonal component and its median slope, is modelled as
// a local level (models/structural/filter.h). Each period has two auxiliary
// residuals: the estimated size of a spike there, and of a step of the level
// there, each over its standard error (Harvey, Koopman 1992, "Diagnostic
// checking of unobserved-components time series models", Journal of Business
// and Economic Statistics 10; De Jong, Penzer 1998, "Diagnosing shocks in time
// series", JASA 93). The greatest is removed from the series and the model
// fitted again, until none exceeds the critical value (Chen, Liu 1993, "Joint
// estimation of model parameters and outlier effects in time series", JASA 88).
// A pure function.
#ifndef HEADWAY_DAEMON_FORECAST_ANOMALIES_H_
#define HEADWAY_DAEMON_FORECAST_ANOMALIES_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/forecast/options.h"

namespace headway::forecast {

// The greatest probability that a series of normal noise has any anomaly, by
// Bonferroni's inequality. A convention.
inline constexpr double kFalseAlarm = 0.01;
// There is at most one anomaly for so many values, plus one. A convention.
inline constexpr int kValuesPerAnomaly = 10;

// The anomalies in the order of their positions. At the first and the last
// value a spike and a step cannot be told apart, and count as outliers. NaN
// marks a missing value; `season` is the number of periods in a cycle, 1 for
// none. INVALID_ARGUMENT: an infinite value, or a season below 1.
// FAILED_PRECONDITION: fewer than eight values that are not missing. CANCELLED:
// `stopped`, as in Options, said yes.
absl::StatusOr<std::vector<Anomaly>> FindAnomalies(
    absl::Span<const double> values, int season,
    const std::function<bool()>& stopped = nullptr);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ANOMALIES_H_
