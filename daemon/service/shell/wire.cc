#include "daemon/service/shell/wire.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/messages/errors.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace headway::service {

using google::protobuf::MessageLite;
using Traits = grpc::SerializationTraits<MessageLite>;

absl::Status ReadMessage(grpc::ByteBuffer* bytes, MessageLite* message) {
  if (Traits::Deserialize(bytes, message).ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the request is not a well-formed ", message->GetTypeName()));
}

absl::StatusOr<grpc::ByteBuffer> WriteMessage(const MessageLite& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  if (Traits::Serialize(message, &bytes, &own_buffer).ok()) return bytes;
  return absl::InternalError(
      absl::StrCat("the ", message.GetTypeName(), " is too large to be sent"));
}

Caller ToCaller(absl::string_view peer,
                const std::multimap<grpc::string_ref, grpc::string_ref>& said) {
  const bool is_near = absl::StartsWith(peer, "unix:") ||
                       absl::StartsWith(peer, "inproc") ||
                       absl::StartsWith(peer, "ipv4:127.") ||
                       // gRPC writes brackets as %5B and %5D.
                       absl::StartsWith(peer, "ipv6:%5B::1%5D:") ||
                       absl::StartsWith(peer, "ipv6:[::1]:") ||
                       absl::StartsWith(peer, "ipv6:%5B::ffff:127.") ||
                       absl::StartsWith(peer, "ipv6:[::ffff:127.");
  bool is_passed_on = false;
  for (const char* key : {kVisitorKey, "x-forwarded-for", "forwarded"}) {
    is_passed_on |= said.contains(key);
  }
  return {.is_operator = is_near && !is_passed_on};
}

Caller ToCaller(const grpc::ServerContextBase& context) {
  return ToCaller(context.peer(), context.client_metadata());
}

Call ToCall(const grpc::CallbackServerContext* context) {
  return Call(
      absl::FromChrono(context->deadline()),
      [context] { return context->IsCancelled(); }, ToCaller(*context));
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const v1::RpcStatus rpc = messages::ToProto(status);
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (rpc.details().empty()) return grpc::Status(code, rpc.message());
  return grpc::Status(code, rpc.message(), rpc.SerializeAsString());
}

}  // namespace headway::service
