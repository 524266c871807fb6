// From the daemon to another program, by system calls alone. Used by Child.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCH_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCH_H_

#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <array>

namespace headway::ingest {

// All that the child needs between its start and exec, made before: it may only
// make system calls, and change nothing but its own stack and errno.
struct LaunchPlan {
  const char* path = nullptr;
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* directory = nullptr;
  int input = -1;
  int output = -1;
  int error_output = -1;
  // Of LaunchReports.
  int report = -1;
  // Passed on under their numbers; -1: none.
  std::array<int, 3> passed_on = {-1, -1, -1};
  // Bubblewrap must not end by what its child is to be asked with.
  bool ignores_term = false;
  // Null: none, for bubblewrap sets one up.
  const sock_fprog* filter = nullptr;
  pid_t parent = 0;
  rlim_t cpu_seconds = RLIM_INFINITY;
  rlim_t memory_bytes = RLIM_INFINITY;
};

// The child's process id; below 0, with errno, if there is none.
pid_t StartChild(LaunchPlan& plan);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_LAUNCH_H_
