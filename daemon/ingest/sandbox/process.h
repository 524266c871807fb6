// Runs one untrusted program to its end, under limits.
//
// The program gets a process group of its own, an empty private directory as
// its working directory, HOME and TMPDIR (removed afterwards), the environment
// it is given and nothing else, no file descriptor but the standard three, and
// no way to gain privileges. The kernel sends it SIGKILL when the thread that
// started it dies; as that thread waits here, that is when the daemon dies.
// When the program ends, for whatever reason, its whole process group is
// killed.
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

namespace headway::ingest {

struct ProcessOptions {
  // Absolute path of the executable.
  std::string path;
  // After the program's own name.
  std::vector<std::string> arguments;
  // "NAME=value". HOME and TMPDIR are added.
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
  kExited,       // by itself; see exit_status
  kSignalled,    // by a signal that was not ours; see signal
  kWallTime,     // ended by us, for taking too long
  kOutputLimit,  // ended by us, for saying too much
  kRefused,      // ended by us, for on_output failed; see refusal
  kCancelled,    // ended by us, for the caller asked for it
};

struct ProcessResult {
  ProcessEnd end = ProcessEnd::kExited;
  int exit_status = 0;
  int signal = 0;
  absl::Status refusal;
};

// FAILED_PRECONDITION if the program cannot be started because of what it is
// (not there, not executable, without interpreter); INTERNAL if the machine
// cannot start it.
absl::StatusOr<ProcessResult> RunProcess(const ProcessOptions& options,
                                         const ProcessObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_PROCESS_H_
