// PluginService: raw documents, and replays of them.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/plugin.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_PLUGIN_DOCUMENTS_H_
#define HEADWAY_DAEMON_SERVICE_PLUGIN_DOCUMENTS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/operation.pb.h"
#include "headway/v1/plugin.pb.h"

namespace headway::service {

absl::StatusOr<v1::ListDocumentsResponse> ListDocuments(
    const Parts& parts, const Call& call,
    const v1::ListDocumentsRequest& request);
absl::StatusOr<v1::ReadDocumentResponse> ReadDocument(
    const Parts& parts, const Call& call,
    const v1::ReadDocumentRequest& request);
// Starts an operation, and returns it at once.
absl::StatusOr<v1::Operation> ReplaySource(
    const Parts& parts, const Call& call,
    const v1::ReplaySourceRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_PLUGIN_DOCUMENTS_H_
