// The settings of a source that are plain values over defaults: retries, limits
// and the keeping of its documents. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// Takes those that `config` gives over the defaults in `source`. Calls `fail`
// for each that is wrong, with the names of the message that holds it and of
// the field.
void TakeSettings(
    const config::v1::Source& config, Source& source,
    const std::function<void(const char* message, const char* field,
                             absl::string_view why)>& fail);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_SOURCE_SETTINGS_H_
