// "Did you mean": the candidate nearest to a misspelt name.
#ifndef HEADWAY_DAEMON_BASE_SUGGEST_H_
#define HEADWAY_DAEMON_BASE_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace headway {

// `; did you mean "auto_ets"?`, to be appended to an error about `name`, or ""
// if no candidate is near. Near is an edit distance (with transpositions, case
// ignored) of at most a third of the length; among equals the first wins.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_SUGGEST_H_
