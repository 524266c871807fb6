// The launcher: see report.h. It runs with what bubblewrap leaves it and with
// the plugin's limits, so it makes system calls and little else; it is linked
// statically, for it is started before each plugin.
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "daemon/ingest/sandbox/launcher/report.h"

namespace headway::ingest {
namespace {

struct Orders {
  int report = -1;
  int listener = -1;
  long processes = -1;
  long user = -1;
  // The program and its arguments.
  char** program = nullptr;
};

// The value of "--NAME=VALUE", or null.
const char* ValueOf(const char* argument, const char* name) {
  const size_t length = std::strlen(name);
  return std::strncmp(argument, name, length) == 0 ? argument + length
                                                   : nullptr;
}

Orders ParseOrders(char** argv) {
  Orders orders;
  for (++argv; *argv != nullptr; ++argv) {
    if (const char* value = ValueOf(*argv, "--report=")) {
      orders.report = std::atoi(value);
    } else if (const char* value = ValueOf(*argv, "--listener=")) {
      orders.listener = std::atoi(value);
    } else if (const char* value = ValueOf(*argv, "--processes=")) {
      orders.processes = std::atol(value);
    } else if (const char* value = ValueOf(*argv, "--user=")) {
      orders.user = std::atol(value);
    } else {
      break;
    }
  }
  orders.program = argv;
  return orders;
}

void Say(const Orders& orders, LaunchReport::Stage stage, int error) {
  const LaunchReport report = {stage, error};
  [[maybe_unused]] const ssize_t written =
      ::write(orders.report, &report, sizeof(report));
}

// Listens on this namespace's loopback and hands the socket to the daemon,
// which accepts on it from outside.
bool HandOverListener(int channel) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(kProxyPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 ||
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address),
             sizeof(address)) != 0 ||
      ::listen(listener, SOMAXCONN) != 0) {
    return false;
  }
  char byte = 0;
  iovec data = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &listener, sizeof(int));
  if (::sendmsg(channel, &message, MSG_NOSIGNAL) != 1) return false;
  ::close(listener);
  ::close(channel);
  return true;
}

// For good: without capabilities there is no way back.
bool BecomeUser(uid_t id) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 &&
         ::setresuid(id, id, id) == 0;
}

bool LimitProcesses(long most) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0) return false;
  limit.rlim_max = std::min(limit.rlim_max, static_cast<rlim_t>(most));
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NPROC, &limit) == 0;
}

bool Prepare(const Orders& orders) {
  ::fcntl(orders.report, F_SETFD, FD_CLOEXEC);
  // The daemon has bubblewrap ignore it, so that the plugin alone gets it.
  ::signal(SIGTERM, SIG_DFL);
  // Set by bubblewrap.
  ::unsetenv("PWD");
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         (orders.listener < 0 || HandOverListener(orders.listener)) &&
         (orders.processes < 0 || LimitProcesses(orders.processes)) &&
         (orders.user < 0 || BecomeUser(static_cast<uid_t>(orders.user)));
}

int Launch(char** argv) {
  const Orders orders = ParseOrders(argv);
  if (orders.report < 0 || *orders.program == nullptr) return 2;
  if (!Prepare(orders)) {
    Say(orders, LaunchReport::kPrepare, errno);
    return 127;
  }
  Say(orders, LaunchReport::kReady, 0);
  ::execv(*orders.program, orders.program);
  Say(orders, LaunchReport::kExec, errno);
  return 127;
}

}  // namespace
}  // namespace headway::ingest

int main(int, char** argv) { return headway::ingest::Launch(argv); }
