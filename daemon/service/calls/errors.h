// Errors of the API: an absl::Status with google.rpc details as payloads, and
// its way onto the wire.
//
// A payload's type URL is the Any's type_url, so a detail travels from where
// the error arises to the client's trailer without translation. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_ERRORS_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_ERRORS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace headway::service {

// INVALID_ARGUMENT "field: description" with a google.rpc.BadRequest that names
// the field by its path, such as "batches[2].observations[0].period".
absl::Status FieldError(absl::string_view field, absl::string_view description);

// An INVALID_ARGUMENT of the parts below, as an error of that field. Any other
// status stays as it is.
absl::Status AtField(absl::string_view field, const absl::Status& status);

// `status` with a google.rpc.ErrorInfo of domain "headway". `reason` is
// UPPER_SNAKE_CASE, such as INDICATOR_NOT_FOUND.
absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const std::map<std::string, std::string>& metadata);

// The status with its details as an encoded google.rpc.Status, which gRPC puts
// into the trailer grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_ERRORS_H_
