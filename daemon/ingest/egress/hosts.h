// The hosts that a plugin may reach, as descriptions and operators write them.
// Value types and pure functions.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_HOSTS_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_HOSTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

struct HostRule {
  // In lower case: a name, an address in numbers, or "*." and a name, for every
  // name that ends in it.
  std::string host;
  // 0: those of https and http, 443 and 80.
  int port = 0;
  // Also where it leads to an address that is not of the public internet.
  bool may_be_private = false;
};

// "HOST" or "HOST:PORT"; IPv6 addresses in brackets. INVALID_ARGUMENT.
absl::StatusOr<HostRule> ParseHostRule(absl::string_view text);

// The host and port of an address of http or https; absent for others.
std::optional<HostRule> HostOfUrl(absl::string_view url);
// Without %XX, as paths and queries are written in addresses.
std::string PercentDecode(absl::string_view text);
// The path of a file:// address or of a plain absolute path; absent for others.
std::optional<std::string> PathOfUrl(absl::string_view url);

// The rule by which the host may be reached, or null. One that lets private
// addresses in goes before others.
const HostRule* FindRule(const std::vector<HostRule>& rules,
                         absl::string_view host, int port);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_HOSTS_H_
