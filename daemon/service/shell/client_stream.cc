#include "daemon/service/shell/client_stream.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/service/shell/wire.h"

namespace headway::service {

grpc::ServerReadReactor<grpc::ByteBuffer>* ClientStream::Start(
    const Shell& shell, const std::string& name,
    const Methods::UploadMethod& method, grpc::CallbackServerContext* context,
    grpc::ByteBuffer* response) {
  auto* stream = new ClientStream(shell, name, method, context, response);
  shell.metrics->AddOpenStreams(1);
  stream->StartRead(&stream->request_);
  return stream;
}

ClientStream::ClientStream(const Shell& shell, const std::string& name,
                           const Methods::UploadMethod& method,
                           grpc::CallbackServerContext* context,
                           grpc::ByteBuffer* response)
    : shell_(shell),
      name_(name),
      method_(method),
      context_(*context),
      response_(*response),
      start_(absl::Now()),
      upload_(method.open(*shell.parts)) {}

void ClientStream::OnReadDone(bool ok) {
  const absl::Status scheduled =
      shell_.pools->Schedule(CallKind::kTransfer, [this, ok] {
        // Either call may delete this.
        if (const std::optional<absl::Status> status = Work(ok)) {
          FinishWith(*status);
        } else {
          StartRead(&request_);
        }
      });
  if (!scheduled.ok()) FinishWith(scheduled);
}

std::optional<absl::Status> ClientStream::Work(bool has_message) {
  const absl::MutexLock lock(&mutex_);
  // A read also fails when the call was cancelled, which is no end of the
  // messages.
  const absl::Status alive = ToCall(&context_).CheckAlive();
  if (!alive.ok()) return alive;
  if (!has_message) return FinishUpload();
  const absl::Status added = Add();
  if (!added.ok()) return added;
  return std::nullopt;
}

absl::Status ClientStream::Add() {
  const std::unique_ptr<Methods::Message> message(method_.request->New());
  RETURN_IF_ERROR(ReadMessage(&request_, message.get()));
  return upload_->AddAny(*message);
}

absl::Status ClientStream::FinishUpload() {
  ASSIGN_OR_RETURN(const std::unique_ptr<Methods::Message> response,
                   upload_->FinishAny());
  ASSIGN_OR_RETURN(response_, WriteMessage(*response));
  return absl::OkStatus();
}

void ClientStream::FinishWith(const absl::Status& status) {
  shell_.metrics->Record(name_, status.code(), absl::Now() - start_);
  shell_.metrics->AddOpenStreams(-1);
  Finish(ToGrpcStatus(status));
}

}  // namespace headway::service
