// How many files this process may have open, sockets and pipes among them.
// Thread-safe.
#ifndef HEADWAY_DAEMON_HEALTH_FILE_LIMIT_H_
#define HEADWAY_DAEMON_HEALTH_FILE_LIMIT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace headway::health {

// Raises the soft limit, 1,024 on most systems for the sake of programs that
// use select(), to the hard one, which an operator sets (LimitNOFILE= of a
// systemd unit). Programs that are started inherit it.
absl::Status RaiseFileLimit();

struct FileDescriptors {
  int64_t open = 0;
  // INT64_MAX if there is none.
  int64_t limit = 0;
};
// Reads a folder of /proc: not for each call of a client.
absl::StatusOr<FileDescriptors> CountFileDescriptors();

}  // namespace headway::health

#endif  // HEADWAY_DAEMON_HEALTH_FILE_LIMIT_H_
