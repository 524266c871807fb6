// The settings of a source: retries, limits and which of its documents are
// kept, which have defaults, and the options of its plugin. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/definitions/text/text_file.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Takes the settings that `config` gives over the defaults in `source`. Returns
// what is wrong, by the paths of fields in `config`.
std::vector<FieldError> TakeSettings(const config::v1::Source& config,
                                     Source& source);

// Puts the directory of the file at `path` for ${PIPELINES_DIR} into the
// options of a plugin. Returns what is wrong, by the paths of fields in the
// message that has them as its config.
std::vector<FieldError> FillIn(
    const std::string& path,
    const google::protobuf::Map<std::string, std::string>& config,
    std::map<std::string, std::string>& filled);

// As TakeSettings, of the limits alone; paths are of fields in `config`.
std::vector<FieldError> TakeLimits(const config::v1::PluginLimits& config,
                                   ingest::Limits& limits);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
