// Between what gRPC has and what we have: bytes and messages, its status and
// ours, its context and our Call. Pure functions.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_WIRE_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_WIRE_H_

#include <map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/service/calls/call.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace headway::service {

// Empties the buffer. INVALID_ARGUMENT if its bytes are not of such a message.
absl::Status ReadMessage(grpc::ByteBuffer* bytes,
                         google::protobuf::MessageLite* message);
// INTERNAL if the message is beyond the 2 GiB that protobuf can write.
absl::StatusOr<grpc::ByteBuffer> WriteMessage(
    const google::protobuf::MessageLite& message);

// Who calls, by the address that the connection comes from ("ipv4:127.0.0.1:5",
// "unix:", "inproc") and by the call's metadata: what the web side says of its
// visitor, and what proxies say of theirs.
inline constexpr char kVisitorKey[] = "headway-visitor";
inline constexpr char kOutsideVisitor[] = "outside";
Caller ToCaller(absl::string_view peer,
                const std::multimap<grpc::string_ref, grpc::string_ref>& said);
Caller ToCaller(const grpc::ServerContextBase& context);

// The call as handlers see it; must not outlive the context.
Call ToCall(const grpc::CallbackServerContext* context);

// The status with its details as an encoded google.rpc.Status, which gRPC puts
// into the trailer grpc-status-details-bin.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_WIRE_H_
