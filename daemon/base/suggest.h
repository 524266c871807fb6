// "Did you mean": what a misspelt name and a character of print stand for.
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

// Word processors and web pages put other characters in the place of ASCII
// ones. What the character at the front of `text` is and what to write for it,
// as in `"“" is a curly quote; write a straight one, "`; "" if it is ASCII or
// stands for no ASCII character.
std::string DescribeTypography(absl::string_view text);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_SUGGEST_H_
