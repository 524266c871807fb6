// The answers of the Census Bureau's API: an array of rows, the first of them
// the header, every value a string. A column that the request names as a
// predicate comes back too, so that a column may occur twice; the API chooses
// their order.
#ifndef HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_ANSWER_H_
#define HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_ANSWER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/trade/census/plan.h"

namespace headway::census {

// The secret's name.
inline constexpr char kApiKey[] = "CENSUS_API_KEY";

// The address that asks for a stream from a month on, without the key.
std::string RequestUrl(absl::string_view base_url, const Stream& stream,
                       absl::CivilMonth from);

// The statuses, besides 200, that ParseAnswer can make sense of.
std::vector<int> UnderstoodStatuses();

// The months and values of an answer, in order; empty for 204, which says that
// there are none. Errors name the address:
//   ConfigError   400, with the API's own words; an HTML page or a redirect to
//                 one, which is how the API refuses a key or the lack of one
//   SystemError   text that is cut short or of another form, with its beginning
absl::StatusOr<std::vector<sdk::Observation>> ParseAnswer(
    const sdk::HttpResponse& response, const Stream& stream,
    absl::string_view url, bool has_key);

}  // namespace headway::census

#endif  // HEADWAY_PLUGINS_SOURCES_TRADE_CENSUS_ANSWER_H_
