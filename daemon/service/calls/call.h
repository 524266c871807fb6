// What a handler knows of the call that it serves.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/base/check_alive.h"

namespace headway::service {

// Who calls. Until there are principals, an operator is who comes over loopback
// or a Unix socket, and was not passed on by a proxy.
struct Caller {
  bool is_operator = false;
};

// Thread-safe. Must not outlive the call.
class Call {
 public:
  // `is_cancelled` is thread-safe and returns at once. A call without a
  // deadline has InfiniteFuture.
  Call(absl::Time deadline, std::function<bool()> is_cancelled, Caller caller);

  const Caller& caller() const { return caller_; }

  // DEADLINE_EXCEEDED or CANCELLED when nobody waits for the answer any more.
  // Long work asks between its parts.
  absl::Status CheckAlive() const;

  // The same, for work that takes a function; must not outlive the call.
  headway::CheckAlive AliveCheck() const {
    return [this] { return CheckAlive(); };
  }

 private:
  const absl::Time deadline_;
  const std::function<bool()> is_cancelled_;
  const Caller caller_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_CALL_H_
