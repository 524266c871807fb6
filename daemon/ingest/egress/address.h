// Internet addresses, and which of them belong to the public internet. Value
// types and pure functions, but for the system's resolver.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_ADDRESS_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_ADDRESS_H_

#include <sys/socket.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

// An address with a port.
struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

// Of an address in numbers, such as "192.0.2.1" or "2001:db8::1".
std::optional<Address> ParseAddress(const std::string& text, int port);

// "192.0.2.1:80" or "[2001:db8::1]:80".
std::string FormatAddress(const Address& address);

// Whether the address is one of the public internet: not of this machine, a
// local network, a multicast group or any other range that IANA sets apart
// (RFC 6890), nor one of IPv6 that stands for such an address of IPv4.
bool IsPublic(const Address& address);

// The addresses of a host, each with the port. UNAVAILABLE if there are none.
using Resolver = std::function<absl::StatusOr<std::vector<Address>>(
    const std::string& host, int port)>;

// Asks the machine's resolver. Blocks.
absl::StatusOr<std::vector<Address>> ResolveHost(const std::string& host,
                                                 int port);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_ADDRESS_H_
