// The file given to the daemon by --config.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DAEMON_CONFIG_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DAEMON_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// The configuration with nothing in the file: every field has its default.
config::v1::DaemonConfig DefaultDaemonConfig();

// Reads and checks the file; fields that it leaves out have their defaults.
// INVALID_ARGUMENT with file, line and column.
absl::StatusOr<config::v1::DaemonConfig> ReadDaemonConfig(
    const std::string& path);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DAEMON_CONFIG_H_
