// JSON objects that are flat enough to be rows: members are strings, arrays of
// strings, arrays of numbers, or objects of strings, and nothing else.
//
// Read without building a document. Strict, as RFC 8259 has it, and no name may
// occur twice. Errors are INVALID_ARGUMENT and name the column, counted from 1
// in bytes, or the member. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_TRANSFER_FLAT_JSON_H_
#define HEADWAY_DAEMON_STORE_TRANSFER_FLAT_JSON_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/series/labels.h"

namespace headway::store {

struct JsonMember {
  enum class Kind { kText, kArray, kObject };
  Kind kind = Kind::kText;
  std::string text;
  // Of an array at most one of the two holds elements; values are finite.
  std::vector<std::string> texts;
  std::vector<double> numbers;
  std::vector<std::pair<std::string, std::string>> pairs;
};

using JsonObject = std::map<std::string, JsonMember>;

absl::StatusOr<JsonObject> ParseFlatJson(absl::string_view text);

// `{"hs":"8542","reporter":"USA"}`
absl::StatusOr<series::Labels> ParseLabelsJson(absl::string_view text);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TRANSFER_FLAT_JSON_H_
