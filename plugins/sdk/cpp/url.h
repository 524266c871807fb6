// Addresses of http and https, as the client of HTTP takes them apart. Pure
// functions.
#ifndef HEADWAY_PLUGINS_SDK_CPP_URL_H_
#define HEADWAY_PLUGINS_SDK_CPP_URL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::sdk {

using HttpParameters = std::vector<std::pair<std::string, std::string>>;

// Who answers at an address.
struct Authority {
  // "http" or "https".
  std::string scheme;
  // In lower case, without brackets.
  std::string host;
  int port = 0;
};

// A ConfigError for what is no address of http or https.
absl::StatusOr<Authority> AuthorityOf(absl::string_view url);

// The address that `reference`, such as a Location, means on the page `base`.
absl::StatusOr<std::string> ResolveUrl(absl::string_view base,
                                       absl::string_view reference);

// Whether what the one may be told the other may be, too: the same host and
// port, or its https in place of its http.
bool IsSameHost(const Authority& from, const Authority& to);

// Whether "HOST", "HOST:PORT" or "*.DOMAIN" is that host, as the daemon sees
// it.
bool HostFits(absl::string_view rule, const Authority& authority);

// `base` with the parameters as its query, percent-encoded.
std::string UrlWithQuery(absl::string_view base,
                         const HttpParameters& parameters);
// Without the parameters of these names; what stays is as it was written.
std::string UrlWithout(absl::string_view url, const HttpParameters& names);

std::string PercentEncode(absl::string_view text);
std::string PercentDecode(absl::string_view text);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_URL_H_
