#include "daemon/ingest/sandbox/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "daemon/ingest/sandbox/launcher/report.h"
#include "daemon/ingest/sandbox/process.h"

namespace headway::ingest {
namespace {

constexpr rlim_t kMaxOpenFiles = 256;

// The child shares the daemon's memory until it execs, and the thread that
// starts it waits for that: a copy would make every thread of the daemon fault
// at each page that it writes next, which is felt by all who are served.
// Sanitizers want memory of their own, and much of it.
#ifdef HEADWAY_SANITIZED
constexpr bool kLimitMemory = false;
constexpr int kCloneFlags = SIGCHLD;
#else
constexpr bool kLimitMemory = true;
constexpr int kCloneFlags = CLONE_VM | CLONE_VFORK | SIGCHLD;
#endif
// Of the child, between the two: it only makes system calls.
constexpr size_t kStackBytes = 64 << 10;

void LowerLimit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  rlimit limit;
  if (::getrlimit(resource, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, hard);
  limit.rlim_cur = std::min(limit.rlim_max, soft);
  ::setrlimit(resource, &limit);
}

[[noreturn]] void FailLaunch(const LaunchPlan& plan,
                             LaunchReport::Stage stage) {
  const LaunchReport report = {stage, errno};
  [[maybe_unused]] const ssize_t written =
      ::write(plan.report, &report, sizeof(report));
  ::_exit(127);
}

void ApplyLimits(const LaunchPlan& plan) {
  LowerLimit(RLIMIT_CORE, 0, 0);
  LowerLimit(RLIMIT_NOFILE, kMaxOpenFiles, kMaxOpenFiles);
  LowerLimit(RLIMIT_FSIZE, kMaxFileBytes, kMaxFileBytes);
  // The soft limit sends SIGXCPU, the hard one SIGKILL.
  const rlim_t cpu = plan.cpu_seconds;
  LowerLimit(RLIMIT_CPU, cpu, cpu == RLIM_INFINITY ? cpu : cpu + 2);
  if (kLimitMemory) {
    LowerLimit(RLIMIT_DATA, plan.memory_bytes, plan.memory_bytes);
  }
}

// Signals ignored or blocked by the daemon would stay so across exec.
void ResetSignals(bool ignores_term) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  struct sigaction ignored = {};
  ignored.sa_handler = SIG_IGN;
  for (int signal = 1; signal < NSIG; ++signal) {
    const bool ignore = signal == SIGTERM && ignores_term;
    ::sigaction(signal, ignore ? &ignored : &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void RunChild(const LaunchPlan& plan) {
  ::setpgid(0, 0);
  // A parent that died before this call sends no signal.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    FailLaunch(plan, LaunchReport::kPrepare);
  }
  if (::getppid() != plan.parent) ::_exit(127);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    FailLaunch(plan, LaunchReport::kPrepare);
  }

  // Away from 0, 1 and 2 first: one of ours may be one of them if the daemon
  // was started with a standard stream closed.
  const int input = ::fcntl(plan.input, F_DUPFD_CLOEXEC, 3);
  const int output = ::fcntl(plan.output, F_DUPFD_CLOEXEC, 3);
  const int error_output = ::fcntl(plan.error_output, F_DUPFD_CLOEXEC, 3);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(error_output, STDERR_FILENO) < 0 ||
      ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0 ||
      ::chdir(plan.directory) != 0) {
    FailLaunch(plan, LaunchReport::kPrepare);
  }
  for (const int fd : plan.passed_on) {
    if (fd >= 0) ::fcntl(fd, F_SETFD, 0);
  }
  ::umask(077);
  ApplyLimits(plan);
  ResetSignals(plan.ignores_term);
  if (plan.filter != nullptr &&
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, plan.filter) != 0) {
    FailLaunch(plan, LaunchReport::kPrepare);
  }
  ::execve(plan.path, plan.argv, plan.envp);
  FailLaunch(plan, LaunchReport::kExec);
}

int BeginChild(void* plan) { RunChild(*static_cast<const LaunchPlan*>(plan)); }

}  // namespace

pid_t StartChild(LaunchPlan& plan) {
  const auto stack = std::make_unique<std::array<char, kStackBytes>>();
  // No handler of the daemon's may run in the child.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // The stack grows down.
  const pid_t pid =
      ::clone(&BeginChild, stack->data() + kStackBytes, kCloneFlags, &plan);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace headway::ingest
