// PluginService: what plugins there are, and whether a source works.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/plugin.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/operation.pb.h"
#include "headway/v1/plugin.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListPluginsResponse> ListPlugins(
    const Parts& parts, const Call& call,
    const v1::ListPluginsRequest& request);
absl::StatusOr<v1::Plugin> GetPlugin(const Parts& parts, const Call& call,
                                     const v1::GetPluginRequest& request);
// Starts an operation, and returns it at once. A source that does not work is
// its result, not an error.
absl::StatusOr<v1::AcceptSourceResponse> AcceptSource(
    const Parts& parts, const Call& call,
    const v1::AcceptSourceRequest& request);
absl::StatusOr<v1::Operation> CheckSource(
    const Parts& parts, const Call& call,
    const v1::CheckSourceRequest& request);

absl::StatusOr<v1::UnparkSourceResponse> UnparkSource(
    const Parts& parts, const Call& call,
    const v1::UnparkSourceRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_HANDLERS_H_
