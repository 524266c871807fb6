// Addresses in answers: where the next page is. Pure functions.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_ADDRESS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_ADDRESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::http {

// "https://host:port" of an address.
absl::string_view OriginOf(absl::string_view url);

// What a page at `base` means by `reference`: an address, "/path" or "?query".
// A ConfigError if it leads to another server: secrets would go there.
absl::StatusOr<std::string> NextAddress(absl::string_view base,
                                        absl::string_view reference);

// The address that a header Link (RFC 8288) gives the relation "next", or "".
std::string NextOfLink(absl::string_view header);

// Without the parameters of these names: publishers repeat keys in the address
// of the next page.
std::string WithoutParameters(absl::string_view url,
                              const std::vector<std::string>& names);

// With one parameter set, whether it was there or not.
std::string WithParameter(absl::string_view url, absl::string_view name,
                          absl::string_view value);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_ADDRESS_H_
