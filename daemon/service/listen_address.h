// Where a server listens.
#ifndef HEADWAY_DAEMON_SERVICE_LISTEN_ADDRESS_H_
#define HEADWAY_DAEMON_SERVICE_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::service {

struct ListenAddress {
  // One of the two: a numeric address with a port, or a Unix socket.
  std::string host;
  int port = 0;  // 0: any that is free
  std::string unix_path;

  bool is_unix() const { return !unix_path.empty(); }
  // "127.0.0.1:7311", "[::1]:7311" or "unix:/run/headway.sock"; as gRPC and
  // clients take it.
  std::string ToString() const;
};

// Parses those texts; "localhost" is 127.0.0.1. An address that is neither
// loopback nor a Unix socket is refused: the API has no authentication, and
// everybody who reaches it can write.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// OK if nothing listens there now. Otherwise says what is in the way and what
// to do about it.
absl::Status CheckFree(const ListenAddress& address);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_LISTEN_ADDRESS_H_
