// Makes text from outside valid UTF-8: protobuf refuses a message with other
// strings. Pure functions.
#ifndef HEADWAY_PLUGINS_SDK_CPP_TEXT_H_
#define HEADWAY_PLUGINS_SDK_CPP_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace headway::sdk {

// How many bytes at the front of `text` are whole UTF-8 characters, as Unicode
// defines them: no overlong forms, no surrogates.
size_t ValidUtf8Prefix(absl::string_view text);

// `text` with each byte that is not part of a character replaced by U+FFFD.
std::string CleanUtf8(absl::string_view text);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_TEXT_H_
