// Runs one untrusted program to its end, under limits, and isolated as far as
// the machine can: see isolation.h.
//
// The program gets a process group of its own, an empty private directory as
// its working directory, HOME and TMPDIR (removed afterwards), the environment
// it is given and nothing else, no file descriptor but the standard three, and
// no way to gain privileges. The kernel sends it SIGKILL when the thread that
// started it dies; as that thread waits here, that is when the daemon dies.
// When the program ends, for whatever reason, its whole process group is
// killed; isolated, all that it ever started, and RunProcess returns when it is
// gone (in a process of HardenProcess).
//
// Wall time is real time, not a headway::Clock's: another program does not run
// on our clock.
//
// Thread-safe: any number of processes run at once.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_PROCESS_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_PROCESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/ingest/egress/hosts.h"
#include "daemon/ingest/egress/quotas.h"

namespace headway::ingest {

class Isolation;

// No file that a program writes may be larger.
inline constexpr int64_t kMaxFileBytes = int64_t{512} << 20;

struct ProcessOptions {
  // Absolute path of the executable.
  std::string path;
  // After the program's own name.
  std::vector<std::string> arguments;
  // "NAME=value". HOME and TMPDIR are added, and the proxy's where there is
  // one.
  std::vector<std::string> environment;
  // The whole of standard input.
  std::string input;

  absl::Duration wall_time = absl::InfiniteDuration();
  // Rounded up to whole seconds. Counts for each process of the group.
  absl::Duration cpu_time = absl::InfiniteDuration();
  // Private writable memory of each process of the group. (RLIMIT_DATA, not
  // RLIMIT_AS: runtimes such as Node and Java reserve far more addresses than
  // they use.) Not enforced in sanitizer builds, whose programs need
  // terabytes of addresses for their shadow.
  int64_t memory_bytes = INT64_MAX;
  // Standard output and standard error together.
  int64_t output_bytes = INT64_MAX;
  // From TERM to KILL.
  absl::Duration term_grace = absl::Seconds(2);

  // Null: no isolation, and what follows counts for nothing but `writable`.
  const Isolation* isolation = nullptr;
  // Files and directories, by absolute paths, besides the program's own
  // directory; it sees them under the same paths. What is not there is left
  // out.
  std::vector<std::string> readable = {};
  // A directory that it may write to; none if empty. It may not hold more than
  // so many bytes and files, or the program is ended.
  std::string writable = {};
  int64_t writable_bytes = INT64_MAX;
  int64_t writable_files = 10000;
  // Of its scratch directory, and of /tmp. Memory, as they are on no disk.
  int64_t scratch_bytes = int64_t{256} << 20;
  // At once, threads among them.
  int processes = 256;
  // Those it may reach.
  std::vector<HostRule> hosts = {};
  // How often it may ask some of them, and who counts; null: nobody. Told where
  // there is a proxy to ask.
  std::vector<HostLimit> limits = {};
  QuotaKeeper* quotas = nullptr;
};

// All are called on the calling thread; each may be empty.
struct ProcessObserver {
  // Bytes of standard output, as they come. An error ends the program.
  std::function<absl::Status(absl::string_view bytes)> on_output;
  // Bytes of standard error.
  std::function<void(absl::string_view bytes)> on_error_output;
  // Polled several times a second; true ends the program.
  std::function<bool()> cancelled;
};

enum class ProcessEnd {
  kExited,         // by itself; see exit_status
  kSignalled,      // by a signal that was not ours; see signal
  kWallTime,       // ended by us, for taking too long
  kOutputLimit,    // ended by us, for saying too much
  kWritableLimit,  // ended by us, for writing too much
  kRefused,        // ended by us, for on_output failed; see refusal
  kCancelled,      // ended by us, for the caller asked for it
};

struct ProcessResult {
  ProcessEnd end = ProcessEnd::kExited;
  int exit_status = 0;
  int signal = 0;
  absl::Status refusal;
  // The connections that it was refused, a line each with the reason.
  std::vector<std::string> refused_connections;
};

// FAILED_PRECONDITION if the program cannot be started because of what it is
// (not there, not executable, without interpreter), or because isolation is
// required and cannot be had; INTERNAL if the machine cannot start it.
absl::StatusOr<ProcessResult> RunProcess(const ProcessOptions& options,
                                         const ProcessObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_PROCESS_H_
