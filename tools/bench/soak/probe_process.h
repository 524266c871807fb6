// The probes that read, in a process of their own: in that of the watchers they
// would wait for the thousand messages that it takes at each commit, and not
// for the daemon.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_PROBE_PROCESS_H_
#define HEADWAY_TOOLS_BENCH_SOAK_PROBE_PROCESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/rpc/child_process.h"
#include "tools/bench/rpc/daemon.h"
#include "tools/bench/soak/probes.h"

namespace headway::bench {

// Belongs to the thread that started it.
class ProbeProcess {
 public:
  // This program, told to probe. It writes what it finds to a file in
  // `directory`, every second.
  static absl::StatusOr<std::unique_ptr<ProbeProcess>> Start(
      const Daemon& daemon, const std::string& directory);

  // As Probes::Take, as far as it has been written.
  absl::StatusOr<std::map<std::string, ProbeResult>> Take();

 private:
  ProbeProcess(std::unique_ptr<ChildProcess> process, std::string file)
      : process_(std::move(process)), file_(std::move(file)) {}

  std::unique_ptr<ChildProcess> process_;
  const std::string file_;
  // Of the file, read so far.
  int64_t offset_ = 0;
};

// The process itself: goes on until it is killed, or the file takes no more.
absl::Status ProbeUntilKilled(const std::string& address,
                              const std::string& http_address,
                              const std::string& file);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_PROBE_PROCESS_H_
