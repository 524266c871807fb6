#include "tools/bench/soak/publisher.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace headway::bench {
namespace {

constexpr absl::string_view kAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3000\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";

// Until the end of the headers.
void ReadRequest(int fd) {
  std::string text;
  char buffer[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
    if (size <= 0) return;
    text.append(buffer, size);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Publisher>> Publisher::Start() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own = {};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(own);
  auto* address = reinterpret_cast<sockaddr*>(&own);
  if (fd < 0 || bind(fd, address, size) != 0 || listen(fd, 64) != 0 ||
      getsockname(fd, address, &size) != 0) {
    if (fd >= 0) close(fd);
    return absl::UnavailableError("the publisher cannot listen on loopback");
  }
  return std::unique_ptr<Publisher>(
      new Publisher(fd, absl::StrCat("127.0.0.1:", ntohs(own.sin_port))));
}

Publisher::Publisher(int listener, std::string address)
    : listener_(listener),
      address_(std::move(address)),
      thread_([this] { Serve(); }) {}

Publisher::~Publisher() {
  // Wakes accept, which then fails.
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void Publisher::Serve() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval patience = {.tv_sec = 5, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ReadRequest(fd);
    ++requests_;
    // A client that has gone is no concern of a publisher.
    (void)send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    close(fd);
  }
}

}  // namespace headway::bench
