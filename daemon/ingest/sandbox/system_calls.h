// The system calls that a plugin is refused: those that look into other
// processes, change what is mounted or make namespaces, load code into the
// kernel or reach parts of it that few programs need and many attacks used, and
// sockets of families other than Unix and the internet. They fail with EPERM,
// as if by a lack of rights. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_SYSTEM_CALLS_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_SYSTEM_CALLS_H_

#include <string>

#include "absl/status/statusor.h"

namespace headway::ingest {

// The filter as the kernel takes it: an array of struct sock_filter. INTERNAL
// if it cannot be made for this machine.
absl::StatusOr<std::string> MakeSystemCallFilter();

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_SYSTEM_CALLS_H_
