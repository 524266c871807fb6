// Paths into JSON, a part of what JSONPath has, and where a row stands.
//
//   $.data[*]            each element of the array data: where the rows are
//   $.series[*].points[*]  those of several arrays
//   $[1][*]              those of the second element
//   $.values.*           each member of an object
//
// and from a row, for its columns:
//   value  price.usd  tags[0]  ['odd name']  a member, or one within it
//   @                    the row itself, where it is a number or a text
//   ~                    the name under which the row stands in its object
//   ^.name  ^^.name  ^~  the same of what holds the row, and so on upwards: the
//                        nearest object or array above it. One that a "*"
//                        parts holds nothing, unless it came from a "*" itself
//   ^.times[#]           the element at the row's own place in its array
//   $.updated            from the top of the document
//
// Immutable value types.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_PATH_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_PATH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/formats/json.h"

namespace headway::formats {

// A value on the way from the top to a row.
struct JsonNode {
  const Json* value = nullptr;
  // The name under which it stands in its object, or "".
  std::string name;
  // Its place in its array.
  size_t index = 0;
};

struct JsonRow {
  const Json* root = nullptr;
  JsonNode node;
  // What holds it, the nearest first.
  std::vector<JsonNode> holders;
  // "$.data[3]".
  std::string place;
};

class JsonPath {
 public:
  // Where the rows are: from "$", with "[*]" and ".*". INVALID_ARGUMENT names
  // the path, the character and the remedy.
  static absl::StatusOr<JsonPath> CompileRows(absl::string_view text);
  // A value from the row or, where it begins with "$", from the top.
  static absl::StatusOr<JsonPath> CompileValue(absl::string_view text);
  // Whether a name is a path even where the row has a member of that name.
  static bool IsPath(absl::string_view name);

  // Calls `visit` for each row until it fails. INVALID_ARGUMENT if the path
  // leads nowhere in the document; an array without elements, and null in the
  // place of one, has no rows.
  absl::Status ForEachRow(
      const Json& root,
      const std::function<absl::Status(const JsonRow&)>& visit) const;

  // The value; absent if there is none. For a path that was compiled by
  // CompileValue.
  std::optional<Json> Find(const JsonRow& row) const;
  std::optional<Json> FindIn(const Json& root) const;

  const std::string& text() const { return text_; }

 private:
  enum class Kind { kMember, kIndex, kEach, kRowIndex };
  struct Step {
    Kind kind = Kind::kMember;
    std::string name;
    int64_t index = 0;
  };
  class Parser;
  class Walk;

  JsonPath() = default;
  const Json* Follow(const Json* value, size_t row_index) const;

  std::string text_;
  bool from_root_ = false;
  // How many holders above the row it begins.
  size_t up_ = 0;
  std::vector<Step> steps_;
  // It ends in "~".
  bool is_name_ = false;
};

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_JSON_PATH_H_
