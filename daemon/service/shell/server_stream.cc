#include "daemon/service/shell/server_stream.h"

#include <utility>

#include "absl/time/clock.h"
#include "daemon/service/shell/wire.h"

namespace headway::service {

grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerStream::Start(
    const Shell& shell, const std::string& method, CallKind kind,
    absl::StatusOr<std::unique_ptr<AnyStreamSource>> source) {
  auto stream = std::make_shared<ServerStream>(shell, method, kind);
  stream->self_ = stream;
  shell.metrics->AddOpenStreams(1);
  absl::Status status = source.status();
  if (source.ok()) {
    stream->source_ = *std::move(source);
    status = shell.hub->Add(stream, stream->source_->topic());
  }
  if (status.ok()) {
    stream->Poke();
  } else {
    absl::MutexLock lock(&stream->mutex_);
    stream->GiveUp(status);
    stream->Advance();
  }
  return stream.get();
}

ServerStream::ServerStream(const Shell& shell, const std::string& method,
                           CallKind kind)
    : shell_(shell), method_(method), kind_(kind), start_(absl::Now()) {}

void ServerStream::Poke() {
  absl::MutexLock lock(&mutex_);
  poked_ = true;
  if (state_ == State::kIdle) Advance();
}

void ServerStream::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!ending_.has_value()) ending_ = status;
  // A watch has an end to come to; an answer may be long.
  if (source_ == nullptr || source_->topic().empty()) gives_up_ = true;
  if (state_ == State::kIdle) Advance();
}

void ServerStream::GiveUp(const absl::Status& status) {
  gives_up_ = true;
  if (!ending_.has_value()) ending_ = status;
}

void ServerStream::OnCancel() {
  absl::MutexLock lock(&mutex_);
  GiveUp(absl::CancelledError("the call was cancelled"));
  if (state_ == State::kIdle) Advance();
}

void ServerStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  if (!ok) GiveUp(absl::CancelledError("the client went away"));
  Advance();
}

void ServerStream::OnDone() {
  shell_.hub->Remove(this);
  shell_.metrics->AddOpenStreams(-1);
  // May delete this.
  std::shared_ptr<ServerStream> self = std::move(self_);
}

void ServerStream::Advance() {
  if (gives_up_) return FinishWith(*ending_);
  poked_ = false;
  state_ = State::kQueued;
  const absl::Status scheduled = shell_.pools->Schedule(
      kind_, [self = this->shared_from_this()] { self->Work(); });
  if (!scheduled.ok()) FinishWith(scheduled);
}

void ServerStream::Work() {
  absl::StatusOr<AnyStreamSource::AnyStep> step = source_->NextAny();
  absl::StatusOr<grpc::ByteBuffer> bytes;
  if (step.ok() && step->message != nullptr) {
    bytes = WriteMessage(*step->message);
    if (!bytes.ok()) step = bytes.status();
  }
  absl::MutexLock lock(&mutex_);
  if (gives_up_) return FinishWith(*ending_);
  if (!step.ok()) return FinishWith(step.status());
  if (step->message != nullptr) {
    message_ = *std::move(bytes);
    state_ = State::kWriting;
    StartWrite(&message_);
  } else if (step->end) {
    FinishWith(absl::OkStatus());
  } else if (ending_.has_value()) {
    FinishWith(*ending_);
  } else if (poked_) {
    Advance();
  } else {
    state_ = State::kIdle;
  }
}

void ServerStream::FinishWith(const absl::Status& status) {
  state_ = State::kFinished;
  shell_.metrics->Record(method_, status.code(), absl::Now() - start_);
  Finish(ToGrpcStatus(status));
}

}  // namespace headway::service
