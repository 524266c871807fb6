#include "daemon/ingest/sandbox/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/sandbox/private_directory.h"

namespace headway::ingest {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr absl::Duration kPollInterval = absl::Milliseconds(100);
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

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("cannot ", what, ": ", std::strerror(errno)));
}

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

absl::StatusOr<Pipe> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return SystemError("make a pipe");
  return Pipe{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// Standard input is a file in memory rather than a pipe: nothing to write
// while the program runs, so no deadlock and no SIGPIPE.
absl::StatusOr<FileDescriptor> MakeInput(absl::string_view text) {
  FileDescriptor file(::memfd_create("headway-request", MFD_CLOEXEC));
  if (!file.is_open()) return SystemError("make a file in memory");
  while (!text.empty()) {
    ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write the program's input");
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) {
    return SystemError("rewind the program's input");
  }
  return file;
}

rlim_t WholeSeconds(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return RLIM_INFINITY;
  return static_cast<rlim_t>(std::max<int64_t>(
      1, absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)))));
}

// All that the child needs between its start and exec, made before: it may only
// make system calls, and change nothing but its own stack and errno.
struct Launch {
  const char* path;
  char* const* argv;
  char* const* envp;
  const char* directory;
  int input;
  int output;
  int error_output;
  int failure;
  pid_t parent;
  rlim_t cpu_seconds;
  rlim_t memory_bytes;
};

// What the child reports through the failure pipe if it does not get to exec.
struct LaunchFailure {
  int error;
  bool in_exec;
};

void LowerLimit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  rlimit limit;
  if (::getrlimit(resource, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, hard);
  limit.rlim_cur = std::min(limit.rlim_max, soft);
  ::setrlimit(resource, &limit);
}

[[noreturn]] void FailLaunch(const Launch& launch, bool in_exec) {
  LaunchFailure failure{errno, in_exec};
  [[maybe_unused]] ssize_t written =
      ::write(launch.failure, &failure, sizeof(failure));
  ::_exit(127);
}

[[noreturn]] void RunChild(const Launch& launch) {
  ::setpgid(0, 0);
  // A parent that died before this call sends no signal.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) FailLaunch(launch, false);
  if (::getppid() != launch.parent) ::_exit(127);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) FailLaunch(launch, false);

  // Away from 0, 1 and 2 first: one of ours may be one of them if the daemon
  // was started with a standard stream closed.
  int input = ::fcntl(launch.input, F_DUPFD_CLOEXEC, 3);
  int output = ::fcntl(launch.output, F_DUPFD_CLOEXEC, 3);
  int error_output = ::fcntl(launch.error_output, F_DUPFD_CLOEXEC, 3);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(error_output, STDERR_FILENO) < 0 ||
      ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0 ||
      ::chdir(launch.directory) != 0) {
    FailLaunch(launch, false);
  }
  ::umask(077);

  LowerLimit(RLIMIT_CORE, 0, 0);
  LowerLimit(RLIMIT_NOFILE, kMaxOpenFiles, kMaxOpenFiles);
  // The soft limit sends SIGXCPU, the hard one SIGKILL.
  rlim_t cpu = launch.cpu_seconds;
  LowerLimit(RLIMIT_CPU, cpu, cpu == RLIM_INFINITY ? cpu : cpu + 2);
  if (kLimitMemory) {
    LowerLimit(RLIMIT_DATA, launch.memory_bytes, launch.memory_bytes);
  }

  // Signals ignored or blocked by the daemon would stay so across exec.
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    ::sigaction(signal, &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  ::execve(launch.path, launch.argv, launch.envp);
  FailLaunch(launch, true);
}

int BeginChild(void* launch) { RunChild(*static_cast<const Launch*>(launch)); }

// The child's process id; below 0, with errno, if there is none.
pid_t StartChild(Launch& launch) {
  const auto stack = std::make_unique<std::array<char, kStackBytes>>();
  // It grows down.
  return ::clone(&BeginChild, stack->data() + kStackBytes, kCloneFlags,
                 &launch);
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::Status ExecError(const std::string& path, int error) {
  absl::string_view remedy;
  switch (error) {
    case EACCES:
      remedy = "is not executable; run chmod +x on it";
      break;
    case ENOENT:
      remedy = ::access(path.c_str(), F_OK) == 0
                   ? "names an interpreter in its first line that is not "
                     "there; install it or correct the line"
                   : "does not exist";
      break;
    case ENOEXEC:
      remedy =
          "is neither a program of this machine nor a script; begin a script "
          "with a line such as #!/bin/sh";
      break;
    default:
      return absl::InternalError(
          absl::StrCat("cannot run ", path, ": ", std::strerror(error)));
  }
  return absl::FailedPreconditionError(absl::StrCat(path, " ", remedy));
}

// A program that runs. Destruction kills its group and reaps it.
class Child {
 public:
  static absl::StatusOr<std::unique_ptr<Child>> Start(
      const ProcessOptions& options, const std::string& directory);
  ~Child() {
    if (pid_ > 0) End(absl::ZeroDuration());
  }

  FileDescriptor& output() { return output_; }
  FileDescriptor& error_output() { return error_output_; }
  int pidfd() const { return pidfd_.get(); }

  // Kills what is left of the group, the leader with `grace` after TERM, and
  // fills in how the leader ended. The leader is reaped last: until then its
  // number cannot become another group's.
  ProcessResult End(absl::Duration grace);
  void KillGroup() { ::kill(-pid_, SIGKILL); }

 private:
  Child() = default;
  absl::Status AwaitExec(const std::string& path, FileDescriptor failure);

  pid_t pid_ = -1;
  FileDescriptor pidfd_;
  FileDescriptor output_;
  FileDescriptor error_output_;
};

absl::StatusOr<std::unique_ptr<Child>> Child::Start(
    const ProcessOptions& options, const std::string& directory) {
  ASSIGN_OR_RETURN(FileDescriptor input, MakeInput(options.input));
  ASSIGN_OR_RETURN(Pipe output, MakePipe());
  ASSIGN_OR_RETURN(Pipe error_output, MakePipe());
  ASSIGN_OR_RETURN(Pipe failure, MakePipe());
  ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(error_output.read.get(), F_SETFL, O_NONBLOCK);

  std::vector<std::string> arguments = options.arguments;
  arguments.insert(arguments.begin(), options.path);
  std::vector<std::string> environment = options.environment;
  environment.push_back(absl::StrCat("HOME=", directory));
  environment.push_back(absl::StrCat("TMPDIR=", directory));
  std::vector<char*> argv = Pointers(arguments);
  std::vector<char*> envp = Pointers(environment);
  Launch launch = {
      .path = options.path.c_str(),
      .argv = argv.data(),
      .envp = envp.data(),
      .directory = directory.c_str(),
      .input = input.get(),
      .output = output.write.get(),
      .error_output = error_output.write.get(),
      .failure = failure.write.get(),
      .parent = ::getpid(),
      .cpu_seconds = WholeSeconds(options.cpu_time),
      .memory_bytes = static_cast<rlim_t>(options.memory_bytes),
  };

  // No handler of the daemon's may run in the child.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = StartChild(launch);
  const int start_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    errno = start_error;
    return SystemError("start a process");
  }

  std::unique_ptr<Child> child(new Child);
  child->pid_ = pid;
  child->output_ = std::move(output.read);
  child->error_output_ = std::move(error_output.read);
  failure.write.Close();
  RETURN_IF_ERROR(child->AwaitExec(options.path, std::move(failure.read)));
  // By number: the C library's header cannot be linked from C++.
  child->pidfd_ =
      FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!child->pidfd_.is_open()) return SystemError("watch a process");
  return child;
}

absl::Status Child::AwaitExec(const std::string& path, FileDescriptor failure) {
  LaunchFailure report;
  ssize_t size;
  do {
    size = ::read(failure.get(), &report, sizeof(report));
  } while (size < 0 && errno == EINTR);
  if (size != sizeof(report)) return absl::OkStatus();
  if (report.in_exec) return ExecError(path, report.error);
  errno = report.error;
  return SystemError("prepare a process");
}

ProcessResult Child::End(absl::Duration grace) {
  if (grace > absl::ZeroDuration()) {
    ::kill(-pid_, SIGTERM);
    pollfd exit = {pidfd_.get(), POLLIN, 0};
    ::poll(&exit, 1, static_cast<int>(absl::ToInt64Milliseconds(grace)));
  }
  KillGroup();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ProcessResult result;
  result.end = WIFEXITED(status) ? ProcessEnd::kExited : ProcessEnd::kSignalled;
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

// Carries a child's output to the observer until there is a reason to stop.
class Watch {
 public:
  Watch(const ProcessOptions& options, const ProcessObserver& observer,
        Child& child)
      : observer_(observer), child_(child), output_left_(options.output_bytes) {
    if (options.wall_time < absl::Hours(24 * 365)) {
      deadline_ =
          SteadyClock::now() + absl::ToChronoNanoseconds(options.wall_time);
    }
  }

  // Why the program is over; kExited when it ended by itself.
  ProcessEnd Run() {
    while (true) {
      pollfd fds[3] = {{child_.output().get(), POLLIN, 0},
                       {child_.error_output().get(), POLLIN, 0},
                       {child_.pidfd(), POLLIN, 0}};
      ::poll(fds, 3, static_cast<int>(absl::ToInt64Milliseconds(Timeout())));
      // The group first: a child left behind could fill the pipes for ever.
      const bool exited = fds[2].revents != 0;
      if (exited) child_.KillGroup();
      std::optional<ProcessEnd> end;
      do {
        end = Transfer();
      } while (exited && !end && moved_);
      if (end) return *end;
      if (exited) return ProcessEnd::kExited;
      if (SteadyClock::now() >= deadline_) return ProcessEnd::kWallTime;
      if (IsCancelled()) return ProcessEnd::kCancelled;
    }
  }

  const absl::Status& refusal() const { return refusal_; }

 private:
  absl::Duration Timeout() const {
    absl::Duration left = absl::FromChrono(deadline_ - SteadyClock::now());
    left = std::max(left + absl::Milliseconds(1), absl::ZeroDuration());
    return std::min(left, observer_.cancelled ? kPollInterval : absl::Hours(1));
  }

  bool IsCancelled() {
    if (!observer_.cancelled || SteadyClock::now() < next_cancel_poll_) {
      return false;
    }
    next_cancel_poll_ =
        SteadyClock::now() + absl::ToChronoMilliseconds(kPollInterval) / 2;
    return observer_.cancelled();
  }

  // Reads once from each pipe.
  std::optional<ProcessEnd> Transfer() {
    moved_ = false;
    absl::string_view bytes = Read(child_.error_output());
    if (!bytes.empty() && observer_.on_error_output) {
      observer_.on_error_output(bytes);
    }
    bytes = Read(child_.output());
    if (!bytes.empty() && observer_.on_output) {
      refusal_ = observer_.on_output(bytes);
      if (!refusal_.ok()) return ProcessEnd::kRefused;
    }
    if (output_left_ < 0) return ProcessEnd::kOutputLimit;
    return std::nullopt;
  }

  // What there is to read now, up to the size of the buffer and what is left
  // of the output limit; closes the pipe at its end.
  absl::string_view Read(FileDescriptor& pipe) {
    if (!pipe.is_open()) return "";
    ssize_t size = ::read(pipe.get(), buffer_.data(), buffer_.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return "";
    if (size <= 0) {
      pipe.Close();
      return "";
    }
    moved_ = true;
    const int64_t allowed = std::clamp<int64_t>(output_left_, 0, size);
    output_left_ -= size;
    return absl::string_view(buffer_.data(), static_cast<size_t>(allowed));
  }

  const ProcessObserver& observer_;
  Child& child_;
  SteadyClock::time_point deadline_ =
      SteadyClock::now() + std::chrono::hours(24 * 365);
  SteadyClock::time_point next_cancel_poll_;
  // Below 0: more was said than is allowed.
  int64_t output_left_;
  bool moved_ = false;
  absl::Status refusal_;
  std::string buffer_ = std::string(size_t{1} << 16, '\0');
};

}  // namespace

absl::StatusOr<ProcessResult> RunProcess(const ProcessOptions& options,
                                         const ProcessObserver& observer) {
  ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
  ASSIGN_OR_RETURN(std::unique_ptr<Child> child,
                   Child::Start(options, directory.path()));
  Watch watch(options, observer, *child);
  const ProcessEnd end = watch.Run();
  ProcessResult result = child->End(
      end == ProcessEnd::kExited ? absl::ZeroDuration() : options.term_grace);
  if (end != ProcessEnd::kExited) result.end = end;
  result.refusal = watch.refusal();
  return result;
}

}  // namespace headway::ingest
