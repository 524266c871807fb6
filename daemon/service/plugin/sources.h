// Sources by the names that requests give. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCES_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCES_H_

#include <string>

#include "absl/status/statusor.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"

namespace headway::service {

// An error of the field `source` if there is no name, NOT_FOUND with the
// nearest name if no pipeline has such a source.
absl::StatusOr<ingest::Source> FindSource(
    const pipeline::Definitions& definitions, const std::string& name);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCES_H_
