// How bubblewrap is called: what of the machine a program finds in its sandbox.
// Reads the file system; pure otherwise.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_BUBBLEWRAP_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_BUBBLEWRAP_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/sandbox/process.h"

namespace headway::ingest {

// Working directory, HOME and TMPDIR of a program in its sandbox.
inline constexpr char kScratch[] = "/scratch";

// Descriptors that bubblewrap and the launcher inherit.
struct SandboxDescriptors {
  int filter = -1;
  int report = -1;
  // -1: no proxy.
  int listener = -1;
};

// The arguments, bubblewrap's own name first and those of the program last.
std::vector<std::string> BubblewrapArguments(
    const Isolation& isolation, const ProcessOptions& options,
    const SandboxDescriptors& descriptors, std::optional<uid_t> user);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_BUBBLEWRAP_H_
