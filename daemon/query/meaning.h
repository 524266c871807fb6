// What a name that is not known was meant to be: by what it means, and by its
// letters. Pure functions.
//
// Each returns `; did you mean "ln"?` or the like, to be appended to a message,
// or "".
#ifndef HEADWAY_DAEMON_QUERY_MEANING_H_
#define HEADWAY_DAEMON_QUERY_MEANING_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace headway::query {

// For a function that the language does not have. Meaning goes first: "log" is
// ln and not lag.
std::string SuggestFunction(absl::string_view name,
                            const std::vector<std::string>& functions);

// For what stands where the grammar has something else: a sign or a word of
// PromQL, SQL or another language at the front of `text`. Returns
// `; write lag(x, n)` or "".
std::string SuggestSyntax(absl::string_view text);

// For a metric, an indicator or the name of a label: by letters, else by the
// words that names share ("usd_exports" and "exports_usd").
std::string SuggestName(absl::string_view name,
                        const std::vector<std::string>& names);

// For the value of a label: one that is the same but for its case, or stands
// for the same country ("China", "CN" and "CHN"), else by letters.
std::string SuggestValue(absl::string_view value,
                         const std::vector<std::string>& values);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_MEANING_H_
