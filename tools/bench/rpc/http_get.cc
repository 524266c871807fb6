#include "tools/bench/rpc/http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

absl::Status SocketError(const std::string& address) {
  return absl::UnavailableError(absl::StrCat(address, ": ", strerror(errno)));
}

// All that the server says until it closes.
absl::StatusOr<std::string> ReadAll(int fd, const std::string& address) {
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
    if (size < 0) return SocketError(address);
    if (size == 0) return text;
    text.append(buffer, size);
  }
}

}  // namespace

absl::StatusOr<int> ConnectTo(const std::string& address,
                              int patience_seconds) {
  const std::vector<std::string> parts = absl::StrSplit(address, ':');
  int port = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &port)) {
    return absl::InvalidArgumentError(
        absl::StrCat(address, " is not HOST:PORT"));
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return SocketError(address);
  const timeval patience = {.tv_sec = patience_seconds, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) {
    return fd;
  }
  const absl::Status error = SocketError(address);
  close(fd);
  return error;
}

absl::StatusOr<HttpAnswer> HttpGet(const std::string& address,
                                   const std::string& path,
                                   int patience_seconds) {
  const Stopwatch watch;
  ASSIGN_OR_RETURN(const int fd, ConnectTo(address, patience_seconds));
  const auto closer = absl::MakeCleanup([fd] { close(fd); });
  const std::string request =
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", address,
                   "\r\nConnection: close\r\n\r\n");
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return SocketError(address);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadAll(fd, address));
  HttpAnswer answer{.bytes = text.size(), .seconds = watch.Seconds()};
  // "HTTP/1.1 200 OK"
  if (text.size() < 12 ||
      !absl::SimpleAtoi(text.substr(9, 3), &answer.status)) {
    return absl::UnavailableError(
        absl::StrCat(address, path, " ended without an answer"));
  }
  return answer;
}

}  // namespace headway::bench
