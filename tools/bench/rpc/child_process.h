// A program in a process of its own, which ends with this object.
#ifndef HEADWAY_TOOLS_BENCH_RPC_CHILD_PROCESS_H_
#define HEADWAY_TOOLS_BENCH_RPC_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace headway::bench {

// "/proc/self/exe" resolved: this program, and where others lie beside it.
std::string ThisProgram();
// NOT_FOUND, with the remedy, if there is no such program beside this one.
absl::StatusOr<std::string> ProgramBesideThis(const std::string& name);

// Belongs to one thread, which must outlive it: the process is killed when the
// thread that started it ends.
class ChildProcess {
 public:
  // Its standard output is read with ReadLine; its standard error goes to the
  // file `log`, after what that holds.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::string& program, std::vector<std::string> arguments,
      const std::string& log);
  // Kills it.
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // UNAVAILABLE if it ended its output, DEADLINE_EXCEEDED after `patience`.
  absl::StatusOr<std::string> ReadLine(absl::Duration patience);

  // Reads and forgets its output until that ends, then returns its exit status,
  // or 128 and the signal.
  int AwaitEnd();

  // Asks it to end, with SIGTERM. False if it still runs after `patience`.
  bool Stop(absl::Duration patience);

  bool Runs();

  pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  pid_t pid_;
  int output_;
  // It has ended and was waited for.
  bool ended_ = false;
  int end_status_ = 0;
  std::string unread_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_CHILD_PROCESS_H_
