// Whether bytes are UTF-8, as RFC 3629 has it. Pure functions.
#ifndef HEADWAY_DAEMON_BASE_UTF8_H_
#define HEADWAY_DAEMON_BASE_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace headway {

// The length of the UTF-8 sequence at the front of `text`, or 0 if it is empty,
// malformed, overlong, a surrogate or beyond U+10FFFF.
size_t Utf8Length(absl::string_view text);

bool IsUtf8(absl::string_view text);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_UTF8_H_
