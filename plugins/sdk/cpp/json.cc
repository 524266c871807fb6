#include "plugins/sdk/cpp/json.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::sdk {

absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text,
                                         absl::string_view what) {
  nlohmann::json value = nlohmann::json::parse(text.begin(), text.end(),
                                               /*cb=*/nullptr,
                                               /*allow_exceptions=*/false);
  if (value.is_discarded()) {
    return SystemError(absl::StrCat(what, ": not JSON, or cut short after ",
                                    text.size(), " bytes; it begins with ",
                                    Beginning(text)));
  }
  return value;
}

std::string Beginning(absl::string_view text, size_t length) {
  bool whole = text.size() <= length;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, length)),
                      whole ? "\"" : "…\"");
}

}  // namespace headway::sdk
