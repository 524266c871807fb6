// What a handler knows of the call it serves.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"

namespace headway::service {

// Thread-safe. Must not outlive the call.
class Call {
 public:
  explicit Call(const grpc::CallbackServerContext* context)
      : context_(*context) {}

  // DEADLINE_EXCEEDED or CANCELLED when nobody waits for the answer any more.
  // Long work asks between its parts.
  absl::Status CheckAlive() const {
    if (absl::Now() >= absl::FromChrono(context_.deadline())) {
      return absl::DeadlineExceededError("the call's deadline has passed");
    }
    if (context_.IsCancelled()) {
      return absl::CancelledError("the client cancelled the call");
    }
    return absl::OkStatus();
  }

 private:
  const grpc::CallbackServerContext& context_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_
