// The settings of a source that have defaults: retries, limits and which of its
// documents are kept. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_

#include <vector>

#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/definitions/text_file.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Takes those that `config` gives over the defaults in `source`. Returns what
// is wrong, by the paths of fields in `config`.
std::vector<FieldError> TakeSettings(const config::v1::Source& config,
                                     Source& source);

// The same of the limits alone; paths are of fields in `config`.
std::vector<FieldError> TakeLimits(const config::v1::PluginLimits& config,
                                   ingest::Limits& limits);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
