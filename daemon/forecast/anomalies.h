// Values that do not belong: additive outliers and level shifts.
//
// The series, without its season and its median slope, counts as a local level
// (structural.h). Each period's auxiliary residuals - how far a spike there, or
// a step of the level, would improve the fit, over its standard error - are
// those of Harvey, Koopman 1992, "Diagnostic checking of unobserved-components
// time series models", Journal of Business and Economic Statistics 10, and De
// Jong, Penzer 1998, "Diagnosing shocks in time series", JASA 93. The greatest
// is taken out and the model fitted again until none stands out, after Chen,
// Liu 1993, "Joint estimation of model parameters and outlier effects in time
// series", JASA 88. A pure function.
#ifndef HEADWAY_DAEMON_FORECAST_ANOMALIES_H_
#define HEADWAY_DAEMON_FORECAST_ANOMALIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace headway::forecast {

enum class AnomalyKind {
  kOutlier,     // one value
  kLevelShift,  // that value and all after it
};

struct Anomaly {
  // From the first value, counted from 0.
  int position = 0;
  AnomalyKind kind = AnomalyKind::kOutlier;
  // By how much the values lie above where they would be without it.
  double size = 0;
  // Its size over the standard error of it: like a standard normal value where
  // there is nothing.
  double score = 0;
};

// The chance of a series of normal noise to have an anomaly, by Bonferroni's
// inequality.
inline constexpr double kFalseAlarm = 0.01;
// One in so many values can be an anomaly, at most.
inline constexpr int kValuesPerAnomaly = 10;

// By position; the first and the last value cannot be told from a step next to
// them and count as outliers. NaN is a missing value. INVALID_ARGUMENT: an
// infinite value, or a season below 1. FAILED_PRECONDITION: fewer than eight
// values.
absl::StatusOr<std::vector<Anomaly>> FindAnomalies(
    absl::Span<const double> values, int season);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_ANOMALIES_H_
