// A program in a process of its own, which a test watches and kills.
#ifndef HEADWAY_TESTS_SUPPORT_CHILD_PROCESS_H_
#define HEADWAY_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace headway {

// Not thread-safe.
class ChildProcess {
 public:
  // Starts the program with this process's environment, its standard output
  // in a pipe. Aborts when it cannot be started.
  ChildProcess(std::string program, std::vector<std::string> arguments);
  // Kills the process if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Reads standard output until `most` more lines have come or it ends;
  // returns how many came.
  int AwaitLines(int most);

  bool Runs();

  // Sends SIGKILL, and waits for the end.
  void Kill();

  // Waits for the end; returns the exit status, or 128 + the signal.
  int AwaitEnd();

 private:
  // -1 once the end was seen.
  pid_t pid_ = -1;
  int output_ = -1;
};

// Waits until the process, which need not be a child of this one, has ended;
// false after ten seconds.
bool AwaitEnd(pid_t pid);

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_CHILD_PROCESS_H_
