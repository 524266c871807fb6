// The forecast of an indicator, from its configuration. Pure function.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_SETTINGS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/definitions/text/text_file.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Fills `definition` for the indicator as of `now`, after which nothing can
// have broken yet. `fill_in` replaces the variables in the
// options of a plugin, and says what is wrong with them, by paths in its
// config. Returns what is wrong, by the paths of fields in `config`.
std::vector<FieldError> TakeForecast(
    const config::v1::Forecast& config, absl::string_view indicator,
    absl::Time now,
    absl::FunctionRef<std::vector<FieldError>(
        const google::protobuf::Map<std::string, std::string>&,
        std::map<std::string, std::string>&)>
        fill_in,
    ForecastDefinition& definition);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_FORECAST_SETTINGS_H_
