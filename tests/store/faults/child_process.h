// A program in a process of its own, which a test kills.
#ifndef HEADWAY_TESTS_STORE_FAULTS_CHILD_PROCESS_H_
#define HEADWAY_TESTS_STORE_FAULTS_CHILD_PROCESS_H_

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

extern char** environ;

namespace headway::store {

class ChildProcess {
 public:
  ChildProcess(std::string program, std::vector<std::string> arguments) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
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
  ~ChildProcess() {
    if (pid_ > 0) Kill();
    close(output_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Reads its standard output until `lines` more have come; false if it ended.
  bool AwaitLines(int lines) {
    while (lines > 0) {
      char c;
      if (read(output_, &c, 1) != 1) return false;
      if (c == '\n') --lines;
    }
    return true;
  }

  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_CHILD_PROCESS_H_
