#include "daemon/tables/plain_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "daemon/base/utf8.h"

namespace headway::tables {
namespace {

enum class Kind { kSeen, kSpace, kUnseen };

// Of one character in UTF-8.
Kind KindOf(absl::string_view character) {
  if (character.size() == 1) {
    return absl::ascii_isspace(static_cast<unsigned char>(character[0]))
               ? Kind::kSpace
               : Kind::kSeen;
  }
  // NEL, no-break space, Ogham space; en quad to hair space, line and paragraph
  // separators, narrow no-break space, medium space, ideographic space.
  for (absl::string_view space :
       {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
        "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
        "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"}) {
    if (character == space) return Kind::kSpace;
  }
  // Soft hyphen; zero-width space, joiners and direction marks; word joiner;
  // byte order mark.
  for (absl::string_view unseen :
       {"\u00AD", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F", "\u202A",
        "\u202B", "\u202C", "\u202D", "\u202E", "\u2060", "\u2066", "\u2067",
        "\u2068", "\u2069", "\uFEFF"}) {
    if (character == unseen) return Kind::kUnseen;
  }
  return Kind::kSeen;
}

// Whether nothing within has to change: printable ASCII with single spaces.
bool IsPlain(absl::string_view text) {
  bool after_space = false;
  for (const char c : text) {
    if (c < ' ' || c > '~' || (c == ' ' && after_space)) return false;
    after_space = c == ' ';
  }
  return true;
}

}  // namespace

absl::string_view PlainText(absl::string_view cell, std::string* scratch) {
  cell = absl::StripAsciiWhitespace(cell);
  if (IsPlain(cell)) return cell;
  std::string plain;
  bool space = false;
  while (!cell.empty()) {
    const size_t length = std::max<size_t>(1, Utf8Length(cell));
    const absl::string_view character = cell.substr(0, length);
    cell.remove_prefix(length);
    const Kind kind = KindOf(character);
    if (kind == Kind::kUnseen) continue;
    if (kind == Kind::kSpace) {
      space = true;
      continue;
    }
    if (space && !plain.empty()) plain += ' ';
    space = false;
    plain.append(character.data(), character.size());
  }
  *scratch = std::move(plain);
  return *scratch;
}

std::string PlainText(absl::string_view cell) {
  std::string scratch;
  return std::string(PlainText(cell, &scratch));
}

}  // namespace headway::tables
