#include "plugins/sdk/cpp/text.h"

#include "daemon/base/utf8.h"

namespace headway::sdk {

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t pos = 0;
  while (pos < text.size()) {
    size_t length = Utf8Length(text.substr(pos));
    if (length == 0) break;
    pos += length;
  }
  return pos;
}

std::string CleanUtf8(absl::string_view text) {
  std::string clean;
  while (true) {
    size_t valid = ValidUtf8Prefix(text);
    clean.append(text.data(), valid);
    text.remove_prefix(valid);
    if (text.empty()) return clean;
    clean += "\xEF\xBF\xBD";
    text.remove_prefix(1);
  }
}

}  // namespace headway::sdk
