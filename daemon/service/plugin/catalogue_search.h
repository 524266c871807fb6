// PluginService: what can be had, before it is pulled.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/plugin.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_CATALOGUE_SEARCH_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_CATALOGUE_SEARCH_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/operation.pb.h"
#include "headway/v1/plugin.pb.h"

namespace headway::service {

// Starts an operation, and returns it at once.
absl::StatusOr<v1::Operation> SearchCatalogue(
    const Parts& parts, const Call& call,
    const v1::SearchCatalogueRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_CATALOGUE_SEARCH_H_
