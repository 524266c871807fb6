#include "daemon/ingest/sandbox/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/egress/quota_request.h"
#include "daemon/ingest/sandbox/bubblewrap.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "daemon/ingest/sandbox/launch.h"
#include "daemon/ingest/sandbox/launcher/report.h"

namespace headway::ingest {
namespace {

// Some milliseconds, on a machine that has time.
constexpr int kLongestStartMs = 60000;

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("cannot ", what, ": ", std::strerror(errno)));
}

struct Pair {
  FileDescriptor ours;
  FileDescriptor theirs;
};

// Theirs writes and ours reads.
absl::StatusOr<Pair> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return SystemError("make a pipe");
  return Pair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

absl::StatusOr<Pair> MakeChannel() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    return SystemError("make a pair of sockets");
  }
  return Pair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

// A file in memory rather than a pipe: nothing to write while the program runs,
// so no deadlock and no SIGPIPE.
absl::StatusOr<FileDescriptor> MakeMemoryFile(absl::string_view text) {
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

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::Status ExecError(const std::string& path, int error) {
  absl::string_view remedy;
  // A stranger's user may not even see that it is not there.
  if (error == EACCES && ::access(path.c_str(), F_OK) != 0) error = ENOENT;
  switch (error) {
    case EACCES:
      remedy = ::access(path.c_str(), X_OK) == 0
                   ? "cannot be run by the user that plugins run as; run "
                     "chmod a+rx on it, its directory and its interpreter"
                   : "is not executable; run chmod +x on it";
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

// Lets the program's user have a directory and what is in it.
absl::Status Give(const std::string& directory, uid_t user) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator();
       entries.increment(error)) {
    if (::lchown(entries->path().c_str(), user, user) != 0) {
      return SystemError(absl::StrCat("give away ", entries->path().string()));
    }
  }
  if (::lchown(directory.c_str(), user, user) != 0) {
    return SystemError(absl::StrCat("give away ", directory));
  }
  return absl::OkStatus();
}

// The environment with where the program may write, and the proxy.
std::vector<std::string> EnvironmentOf(const ProcessOptions& options,
                                       const std::string& directory,
                                       bool with_proxy) {
  std::vector<std::string> environment = options.environment;
  environment.push_back(absl::StrCat("HOME=", directory));
  environment.push_back(absl::StrCat("TMPDIR=", directory));
  if (!with_proxy) return environment;
  for (absl::string_view name : {"http_proxy", "https_proxy", "all_proxy",
                                 "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
    const std::string start = absl::StrCat(name, "=");
    // Another proxy is out of reach.
    environment.erase(std::remove_if(environment.begin(), environment.end(),
                                     [&](const std::string& each) {
                                       return absl::StartsWith(each, start);
                                     }),
                      environment.end());
    environment.push_back(absl::StrCat(start, "http://127.0.0.1:", kProxyPort));
  }
  if (options.quotas != nullptr && !options.limits.empty()) {
    environment.push_back(absl::StrCat("HEADWAY_QUOTA=http://", kQuotaHost));
  }
  return environment;
}

}  // namespace

struct Child::Pipes {
  FileDescriptor input;
  Pair output;
  Pair error_output;
  Pair report;
  // Of a sandbox.
  FileDescriptor filter;
  Pair channel;
};

absl::StatusOr<std::unique_ptr<Child>> Child::Start(
    const ProcessOptions& options) {
  const Isolation* isolation = options.isolation;
  if (isolation != nullptr) RETURN_IF_ERROR(isolation->CheckUsable());
  std::unique_ptr<Child> child(new Child);
  child->is_sandboxed_ =
      isolation != nullptr && isolation->level() != Isolation::Level::kLimits;
  Pipes pipes;
  ASSIGN_OR_RETURN(pipes.input, MakeMemoryFile(options.input));
  ASSIGN_OR_RETURN(pipes.output, MakePipe());
  ASSIGN_OR_RETURN(pipes.error_output, MakePipe());
  ASSIGN_OR_RETURN(pipes.report, MakePipe());
  ::fcntl(pipes.output.ours.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(pipes.error_output.ours.get(), F_SETFL, O_NONBLOCK);
  if (child->is_sandboxed_) {
    ASSIGN_OR_RETURN(pipes.filter,
                     MakeMemoryFile(isolation->system_call_filter()));
    if (!options.hosts.empty()) {
      ASSIGN_OR_RETURN(pipes.channel, MakeChannel());
    }
    if (isolation->level() == Isolation::Level::kOwnUser) {
      ASSIGN_OR_RETURN(child->user_, isolation->users().Take());
      if (!options.writable.empty()) {
        RETURN_IF_ERROR(Give(options.writable, child->user_.id()));
      }
    }
  } else {
    ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
    child->directory_.emplace(std::move(directory));
  }
  RETURN_IF_ERROR(child->Launch(options, pipes));
  child->output_ = std::move(pipes.output.ours);
  child->error_output_ = std::move(pipes.error_output.ours);
  pipes.output.theirs.Close();
  pipes.error_output.theirs.Close();
  pipes.report.theirs.Close();
  pipes.channel.theirs.Close();
  RETURN_IF_ERROR(child->AwaitExec(options, std::move(pipes.report.ours)));
  if (pipes.channel.ours.is_open()) {
    RETURN_IF_ERROR(child->ReceiveListener(std::move(pipes.channel.ours)));
  }
  return child;
}

Child::~Child() {
  if (pid_ > 0) End(absl::ZeroDuration());
}

absl::Status Child::Launch(const ProcessOptions& options, Pipes& pipes) {
  std::vector<std::string> arguments = options.arguments;
  arguments.insert(arguments.begin(), options.path);
  const std::string directory = is_sandboxed_ ? kScratch : directory_->path();
  if (is_sandboxed_) {
    const std::optional<uid_t> user =
        user_.is_held() ? std::optional<uid_t>(user_.id()) : std::nullopt;
    arguments =
        BubblewrapArguments(*options.isolation, options,
                            {pipes.filter.get(), pipes.report.theirs.get(),
                             pipes.channel.theirs.get()},
                            user);
  }
  std::vector<std::string> environment =
      EnvironmentOf(options, directory, pipes.channel.theirs.is_open());
  std::vector<char*> argv = Pointers(arguments);
  std::vector<char*> envp = Pointers(environment);
  LaunchPlan plan;
  plan.path = is_sandboxed_ ? options.isolation->options().bubblewrap.c_str()
                            : options.path.c_str();
  plan.argv = argv.data();
  plan.envp = envp.data();
  plan.directory = is_sandboxed_ ? "/" : directory.c_str();
  plan.input = pipes.input.get();
  plan.output = pipes.output.theirs.get();
  plan.error_output = pipes.error_output.theirs.get();
  plan.report = pipes.report.theirs.get();
  plan.ignores_term = is_sandboxed_;
  plan.parent = ::getpid();
  plan.cpu_seconds = WholeSeconds(options.cpu_time);
  plan.memory_bytes = static_cast<rlim_t>(options.memory_bytes);
  sock_fprog filter = {};
  std::string code;
  if (is_sandboxed_) {
    plan.passed_on = {pipes.filter.get(), pipes.report.theirs.get(),
                      pipes.channel.theirs.get()};
  } else if (options.isolation != nullptr &&
             !options.isolation->system_call_filter().empty()) {
    code = options.isolation->system_call_filter();
    filter.len = static_cast<unsigned short>(code.size() / sizeof(sock_filter));
    filter.filter = reinterpret_cast<sock_filter*>(code.data());
    plan.filter = &filter;
  }
  const pid_t pid = StartChild(plan);
  if (pid < 0) return SystemError("start a process");
  pid_ = pid;
  // By number: the C library's header cannot be linked from C++.
  pidfd_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd_.is_open()) return SystemError("watch a process");
  return absl::OkStatus();
}

absl::Status Child::AwaitExec(const ProcessOptions& options,
                              FileDescriptor report) {
  std::optional<LaunchReport> last;
  while (true) {
    pollfd fd = {report.get(), POLLIN, 0};
    const int ready = ::poll(&fd, 1, kLongestStartMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      return absl::InternalError(absl::StrCat(
          "cannot start ", options.path, " within ", kLongestStartMs / 1000,
          " seconds; see whether the machine is overloaded"));
    }
    LaunchReport next;
    const ssize_t size = ::read(report.get(), &next, sizeof(next));
    if (size < 0 && errno == EINTR) continue;
    if (size != sizeof(next)) break;
    last = next;
  }
  if (last.has_value() && last->stage == LaunchReport::kExec) {
    return ExecError(options.path, last->error);
  }
  if (last.has_value() && last->stage == LaunchReport::kPrepare) {
    errno = last->error;
    return SystemError("prepare a process");
  }
  if (last.has_value() || !is_sandboxed_) return absl::OkStatus();
  // Bubblewrap has ended, and said why.
  std::string said(1000, '\0');
  const ssize_t size = ::read(error_output_.get(), said.data(), said.size());
  said.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return absl::InternalError(absl::StrCat(
      "cannot make the sandbox: ",
      absl::StripAsciiWhitespace(said.substr(0, said.find('\n')))));
}

absl::Status Child::ReceiveListener(FileDescriptor channel) {
  char byte = 0;
  iovec data = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  // It was sent before the program was started, or it never will be.
  const ssize_t size =
      ::recvmsg(channel.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  const cmsghdr* header = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    return absl::InternalError("the sandbox gave no socket for the proxy");
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  listener_ = FileDescriptor(fd);
  return absl::OkStatus();
}

void Child::KillGroup() { ::kill(-pid_, SIGKILL); }

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
  if (is_sandboxed_) {
    // The first process of the sandbox is of the group, and ours now that its
    // parent is gone; it ends when all others in there have. (In a process of
    // HardenProcess; in others it is not ours to wait for.)
    pid_t orphan;
    do {
      orphan = ::waitpid(-pid_, nullptr, 0);
    } while (orphan > 0 || (orphan < 0 && errno == EINTR));
  }
  pid_ = -1;
  ProcessResult result;
  result.end = WIFEXITED(status) ? ProcessEnd::kExited : ProcessEnd::kSignalled;
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  // So does bubblewrap say that the program was ended by a signal.
  if (is_sandboxed_ && result.exit_status > 128 &&
      result.exit_status - 128 < NSIG) {
    result.end = ProcessEnd::kSignalled;
    result.signal = result.exit_status - 128;
  }
  return result;
}

}  // namespace headway::ingest
