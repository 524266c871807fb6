#include "plugins/sdk/cpp/text.h"

namespace headway::sdk {
namespace {

// The length of the character at the front of `text`; 0 if there is none.
size_t CharacterLength(absl::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong =
      (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool beyond = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

size_t ValidUtf8Prefix(absl::string_view text) {
  size_t pos = 0;
  while (pos < text.size()) {
    size_t length = CharacterLength(text.substr(pos));
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
