#include "tools/bench/rpc/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace headway::bench {
namespace {

// In the child: nothing but what may be called after fork.
[[noreturn]] void Become(char* const* arguments, int output, const char* log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(open(log, O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

int MillisecondsUntil(absl::Time end) {
  return static_cast<int>(absl::ToInt64Milliseconds(
      std::max(absl::ZeroDuration(), end - absl::Now())));
}

}  // namespace

std::string ThisProgram() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

absl::StatusOr<std::string> ProgramBesideThis(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(ThisProgram()).parent_path() / name;
  if (access(path.c_str(), X_OK) == 0) return path.string();
  return absl::NotFoundError(absl::StrCat(
      "there is no ", path.string(),
      "; build it: cmake --build --preset release --target ", name));
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::string& program, std::vector<std::string> arguments,
    const std::string& log) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError("no pipe");
  std::vector<char*> pointers = {const_cast<char*>(program.c_str())};
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), ends[1], log.c_str());
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return absl::InternalError(absl::StrCat("cannot start ", program));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, ends[0]));
}

ChildProcess::~ChildProcess() {
  if (Runs()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
}

absl::StatusOr<std::string> ChildProcess::ReadLine(absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (true) {
    const size_t newline = unread_.find('\n');
    if (newline != std::string::npos) {
      std::string line = unread_.substr(0, newline);
      unread_.erase(0, newline + 1);
      return line;
    }
    pollfd ready = {.fd = output_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, MillisecondsUntil(end)) <= 0) {
      return absl::DeadlineExceededError("no line came");
    }
    char buffer[4096];
    const ssize_t size = read(output_, buffer, sizeof(buffer));
    if (size <= 0) return absl::UnavailableError("the process ended");
    unread_.append(buffer, size);
  }
}

int ChildProcess::AwaitEnd() {
  char buffer[65536];
  while (read(output_, buffer, sizeof(buffer)) > 0) {
  }
  if (!ended_ && waitpid(pid_, &end_status_, 0) == pid_) ended_ = true;
  return WIFEXITED(end_status_) ? WEXITSTATUS(end_status_)
                                : 128 + WTERMSIG(end_status_);
}

bool ChildProcess::Stop(absl::Duration patience) {
  if (!Runs()) return true;
  kill(pid_, SIGTERM);
  const absl::Time end = absl::Now() + patience;
  while (Runs()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

bool ChildProcess::Runs() {
  if (!ended_ && waitpid(pid_, &end_status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

}  // namespace headway::bench
