// PluginService: the sources as they stand, and their switches.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/plugin.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCE_LIST_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCE_LIST_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/plugin.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListSourcesResponse> ListSources(
    const Parts& parts, const Call& call,
    const v1::ListSourcesRequest& request);
absl::StatusOr<v1::SwitchSourceResponse> SwitchSource(
    const Parts& parts, const Call& call,
    const v1::SwitchSourceRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_SOURCE_LIST_H_
