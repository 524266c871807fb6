// The regressors of a series, period by period. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_FORECASTING_REGRESSORS_H_
#define HEADWAY_DAEMON_PIPELINE_FORECASTING_REGRESSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/models/series_work.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::pipeline {

// A series of an indicator that serves as a regressor, and how it goes on.
struct RegressorSeries {
  struct Point {
    double value = 0;
    // Of what is forecast.
    double deviation = 0;
  };

  series::Labels labels;
  series::Frequency frequency = series::Frequency::kMonthly;
  // By ordinals.
  std::map<int32_t, Point> points;
};
struct RegressorIndicator {
  // Why there are no series.
  absl::Status status;
  std::vector<RegressorSeries> series;
};
// By name.
using RegressorIndicators = std::map<std::string, RegressorIndicator>;

// Puts the regressors into the options of `work`. Where one begins later than
// the series, the series is fitted from there on; gaps are bridged by lines; a
// note says so. FAILED_PRECONDITION: an indicator has no series of these
// labels, or not up to the end of the forecast. INVALID_ARGUMENT: one of
// another frequency.
absl::Status AddRegressors(const std::vector<RegressorDefinition>& definitions,
                           const RegressorIndicators& indicators,
                           SeriesWork& work, std::vector<std::string>& notes);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_FORECASTING_REGRESSORS_H_
