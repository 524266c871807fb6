// How long work asks whether it should go on.
#ifndef HEADWAY_DAEMON_BASE_CHECK_ALIVE_H_
#define HEADWAY_DAEMON_BASE_CHECK_ALIVE_H_

#include <functional>

#include "absl/status/status.h"

namespace headway {

// DEADLINE_EXCEEDED or CANCELLED when nobody waits for the result any more: the
// work ends with that status. Cheap, and asked every few milliseconds. Empty:
// the work always goes on.
using CheckAlive = std::function<absl::Status()>;

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_CHECK_ALIVE_H_
