// OperationService.
//
// Handlers as calls/methods.h describes them; proto/headway/v1/operation.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
#include "headway/v1/operation.pb.h"

namespace headway::service {

absl::StatusOr<v1::Operation> GetOperation(
    const Parts& parts, const Call& call,
    const v1::GetOperationRequest& request);
absl::StatusOr<v1::ListOperationsResponse> ListOperations(
    const Parts& parts, const Call& call,
    const v1::ListOperationsRequest& request);
absl::StatusOr<v1::Operation> CancelOperation(
    const Parts& parts, const Call& call,
    const v1::CancelOperationRequest& request);

absl::StatusOr<std::unique_ptr<StreamSource<v1::Operation>>> WatchOperation(
    const Parts& parts, const Caller&,
    const v1::WatchOperationRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_
