// The countries of US trade statistics.
#ifndef HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_COUNTRIES_H_
#define HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_COUNTRIES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::census {

// The Census Bureau's Schedule C code for an ISO 3166 alpha-3 code; "-", the
// total over all countries, for "WLD". A ConfigError names the codes there are.
absl::StatusOr<absl::string_view> CountryCode(absl::string_view iso);

}  // namespace headway::census

#endif  // HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_COUNTRIES_H_
