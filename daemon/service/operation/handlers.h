// OperationService but for its watch (operation/watch.h).
//
// Handlers as calls/methods.h describes them; proto/headway/v1/operation.proto
// says what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
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

// The operation that the field `name` of a request names. NOT_FOUND if there is
// none.
absl::StatusOr<v1::Operation> FindOperation(const Parts& parts,
                                            absl::string_view name);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_OPERATION_HANDLERS_H_
