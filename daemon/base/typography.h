// Characters that word processors and web pages put in the place of ASCII ones.
#ifndef HEADWAY_DAEMON_BASE_TYPOGRAPHY_H_
#define HEADWAY_DAEMON_BASE_TYPOGRAPHY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway {

// What the character at the front of `text` is and what to write for it, as in
// `"“" is a curly quote; write a straight one, "`; "" if it is ASCII or stands
// for no ASCII character.
std::string DescribeTypography(absl::string_view text);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_TYPOGRAPHY_H_
