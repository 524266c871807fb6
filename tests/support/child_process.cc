#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "tests/support/files.h"

namespace headway {

ChildProcess::ChildProcess(std::string program,
                           std::vector<std::string> arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(),
                  environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  output_ = ends[0];
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) Kill();
  close(output_);
}

int ChildProcess::AwaitLines(int most) {
  int lines = 0;
  char c;
  while (lines < most && read(output_, &c, 1) == 1) lines += c == '\n';
  return lines;
}

bool ChildProcess::Runs() {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

void ChildProcess::Kill() {
  kill(pid_, SIGKILL);
  AwaitEnd();
}

int ChildProcess::AwaitEnd() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool AwaitEnd(pid_t pid) {
  for (int i = 0; i < 2000; ++i) {
    const std::string stat = ReadFile(absl::StrCat("/proc/", pid, "/stat"));
    // A zombie has ended, though its parent has not noticed.
    if (stat.empty() || stat.find(") Z") != std::string::npos) return true;
    usleep(5000);
  }
  return false;
}

}  // namespace headway
