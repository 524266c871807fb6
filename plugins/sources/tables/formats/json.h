// JSON of a publisher: parsed without exceptions and within bounds, and its
// scalars as the text of cells. Pure functions.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::formats {

using Json = nlohmann::json;

// What is nested more deeply than 100 levels is refused.
absl::StatusOr<Json> ParseJson(absl::string_view text);

// A text as it stands, a number as it is written, true or false; "" for null,
// objects and arrays.
std::string CellText(const Json& value);
inline bool IsScalar(const Json& value) { return value.is_primitive(); }

// The value on one line and not longer than `most` bytes, for messages.
std::string ShortText(const Json& value, size_t most = 200);

// A member of an object, or null if `value` is no object or has none.
const Json* Member(const Json& value, absl::string_view name);
// The text of a member, or "".
std::string MemberText(const Json& value, absl::string_view name);

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_H_
