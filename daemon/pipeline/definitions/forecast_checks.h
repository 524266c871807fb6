// What is wrong with the forecast of an indicator beside the other indicators.
// Pure function.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_CHECKS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_CHECKS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/series/period.h"

namespace headway::pipeline {

// Of the indicators of which it is known.
using FrequencyMap = std::map<std::string, series::Frequency>;

// INVALID_ARGUMENT: it names a period of another frequency than its own, or a
// regressor that is no indicator or has another frequency.
absl::Status CheckForecastOf(const std::string& name,
                             const std::map<std::string, Indicator>& indicators,
                             const FrequencyMap& frequencies);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_CHECKS_H_
