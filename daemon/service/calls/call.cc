#include "daemon/service/calls/call.h"

#include <utility>

#include "absl/time/clock.h"

namespace headway::service {

Call::Call(absl::Time deadline, std::function<bool()> is_cancelled,
           Caller caller)
    : deadline_(deadline),
      is_cancelled_(std::move(is_cancelled)),
      caller_(caller) {}

absl::Status Call::CheckAlive() const {
  if (absl::Now() >= deadline_) {
    return absl::DeadlineExceededError("the call's deadline has passed");
  }
  if (is_cancelled_()) {
    return absl::CancelledError("the client cancelled the call");
  }
  return absl::OkStatus();
}

}  // namespace headway::service
