#include "daemon/service/shell/wire.h"

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

Call ToCall(const grpc::CallbackServerContext* context) {
  return Call(absl::FromChrono(context->deadline()),
              [context] { return context->IsCancelled(); });
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const v1::RpcStatus rpc = messages::ToProto(status);
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (rpc.details().empty()) return grpc::Status(code, rpc.message());
  return grpc::Status(code, rpc.message(), rpc.SerializeAsString());
}

}  // namespace headway::service
