#include "daemon/service/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"

namespace headway::service {
namespace {

absl::Status WrongForm(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is no address; give 127.0.0.1:PORT or unix:PATH"));
}

// A socket address of either family, ready for bind and connect.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

SocketAddress ToSocketAddress(const ListenAddress& address) {
  SocketAddress socket_address;
  if (address.is_unix()) {
    auto* un = reinterpret_cast<sockaddr_un*>(&socket_address.storage);
    un->sun_family = AF_UNIX;
    address.unix_path.copy(un->sun_path, sizeof(un->sun_path) - 1);
    socket_address.length = sizeof(*un);
  } else if (absl::StrContains(address.host, ':')) {
    auto* in = reinterpret_cast<sockaddr_in6*>(&socket_address.storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &in->sin6_addr);
    socket_address.length = sizeof(*in);
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&socket_address.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &in->sin_addr);
    socket_address.length = sizeof(*in);
  }
  return socket_address;
}

bool IsLoopback(const std::string& host) {
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status InUse(const ListenAddress& address) {
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", address.ToString(),
      ": another program is listening there; stop it, or choose another "
      "address"));
}

absl::Status CannotListen(const ListenAddress& address, int error) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot listen on ", address.ToString(), ": ",
                   std::strerror(error), "; choose another address"));
}

// A socket file may stay behind when a daemon was killed; gRPC replaces it. It
// would replace the socket of a living daemon just so.
absl::Status CheckSocketFree(const ListenAddress& address, int socket) {
  struct stat info;
  if (::lstat(address.unix_path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : CannotListen(address, errno);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", address.ToString(),
                     ": the file is there and is no socket; choose another "
                     "path"));
  }
  const SocketAddress target = ToSocketAddress(address);
  if (::connect(socket, target.get(), target.length) == 0) {
    return InUse(address);
  }
  return errno == ECONNREFUSED ? absl::OkStatus()
                               : CannotListen(address, errno);
}

absl::Status CheckPortFree(const ListenAddress& address, int socket) {
  // As gRPC does it: connections of an earlier daemon that are still closing
  // are not in the way.
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const SocketAddress target = ToSocketAddress(address);
  if (::bind(socket, target.get(), target.length) == 0 &&
      ::listen(socket, 1) == 0) {
    return absl::OkStatus();
  }
  return errno == EADDRINUSE ? InUse(address) : CannotListen(address, errno);
}

}  // namespace

std::string ListenAddress::ToString() const {
  if (is_unix()) return absl::StrCat("unix:", unix_path);
  if (absl::StrContains(host, ':')) {
    return absl::StrCat("[", host, "]:", port);
  }
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  ListenAddress address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return WrongForm(text);
    if (rest.size() >= sizeof(sockaddr_un::sun_path)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the path of the socket \"", text, "\" has ", rest.size(),
          " bytes; the system allows ", sizeof(sockaddr_un::sun_path) - 1));
    }
    address.unix_path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return WrongForm(text);
  const absl::string_view port = rest.substr(colon + 1);
  address.host = std::string(rest.substr(0, colon));
  if (address.host.size() > 2 && address.host.front() == '[' &&
      address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (!absl::SimpleAtoi(port, &address.port) || address.port < 0 ||
      address.port > 65535) {
    return WrongForm(text);
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (!IsLoopback(address.host)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text,
        "\" is not a loopback address; the API has no authentication, so "
        "listen on 127.0.0.1:PORT or unix:PATH and put an authenticating "
        "proxy or an SSH tunnel before it"));
  }
  return address;
}

absl::Status CheckFree(const ListenAddress& address) {
  const SocketAddress target = ToSocketAddress(address);
  const int socket =
      ::socket(target.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return CannotListen(address, errno);
  auto closer = absl::MakeCleanup([socket] { ::close(socket); });
  return address.is_unix() ? CheckSocketFree(address, socket)
                           : CheckPortFree(address, socket);
}

}  // namespace headway::service
