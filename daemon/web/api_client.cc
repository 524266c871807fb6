#include "daemon/web/api_client.h"

namespace headway::web {
namespace {

constexpr std::chrono::seconds kPatience(30);

}  // namespace

bool OpenCalls::Add(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return false;
  contexts_.insert(context);
  return true;
}

void OpenCalls::Remove(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  contexts_.erase(context);
}

void OpenCalls::EndAll() {
  absl::MutexLock lock(&mutex_);
  ended_ = true;
  for (grpc::ClientContext* context : contexts_) context->TryCancel();
}

ApiClient::ApiClient(ApiStubs* stubs, OpenCalls* calls, bool from_outside)
    : stubs_(stubs),
      calls_(calls),
      from_outside_(from_outside),
      deadline_(std::chrono::system_clock::now() + kPatience) {}

int HttpStatus(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return 400;
    case grpc::StatusCode::UNAUTHENTICATED:
      return 401;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::ABORTED:
      return 409;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::CANCELLED:
      return 499;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    default:
      return 500;
  }
}

}  // namespace headway::web
