// Errors of the API: an absl::Status with google.rpc details as payloads, and
// that status as a message.
//
// A payload's type URL is the Any's type_url, so a detail travels from where
// the error arises to the client's trailer without translation. Texts are cut
// at 1,000 bytes, so that a trailer holds them. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_ERRORS_H_
#define HEADWAY_DAEMON_MESSAGES_ERRORS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/any.pb.h"
#include "headway/v1/error_details.pb.h"

namespace headway::messages {

// INVALID_ARGUMENT "field: description" with a google.rpc.BadRequest that names
// the field by its path, such as "batches[2].observations[0].period".
absl::Status FieldError(absl::string_view field, absl::string_view description);

// An INVALID_ARGUMENT about a part of a request, as an error of the field that
// holds the part. Any other status stays as it is.
absl::Status AtField(absl::string_view field, const absl::Status& status);

// `status` with a google.rpc.ErrorInfo of domain "headway". `reason` is
// UPPER_SNAKE_CASE, such as INDICATOR_NOT_FOUND.
absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const std::map<std::string, std::string>& metadata);

// The status as a google.rpc.Status, with its details. The reason of one that
// arose because the clock is in doubt is CLOCK_IN_DOUBT.
v1::RpcStatus ToProto(const absl::Status& error);

// Reads a detail of a google.rpc.Status; false if it is of another type.
bool UnpackDetail(const google::protobuf::Any& any, v1::BadRequest* detail);
bool UnpackDetail(const google::protobuf::Any& any, v1::ErrorInfo* detail);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_ERRORS_H_
