// JSON from a publisher, parsed without exceptions. The type is nlohmann's:
// call is_string() and the like before get_ref(), which throws. Pure functions.
#ifndef HEADWAY_PLUGINS_SDK_CPP_JSON_H_
#define HEADWAY_PLUGINS_SDK_CPP_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::sdk {

// A SystemError names `what` (an address, say) and shows how the text begins.
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text,
                                         absl::string_view what);

// The first `length` bytes of `text` on one line, quoted, for an error.
std::string Beginning(absl::string_view text, size_t length = 120);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_JSON_H_
