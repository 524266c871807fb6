// What a forecast is told besides the values: their breaks, and what explains
// them. From the configuration; pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EXPLANATIONS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EXPLANATIONS_H_

#include <vector>

#include "absl/time/time.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/definitions/text/text_file.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Each fills its part of `definition`, whose method, models and way are known,
// as of `now`, and returns what is wrong, by the paths of fields in `config`.
std::vector<FieldError> TakeBreaks(const config::v1::Forecast& config,
                                   absl::Time now,
                                   ForecastDefinition& definition);
std::vector<FieldError> TakeRegressors(const config::v1::Forecast& config,
                                       absl::Time now,
                                       ForecastDefinition& definition);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_EXPLANATIONS_H_
