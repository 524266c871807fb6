#include "daemon/base/typography.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace headway {

std::string DescribeTypography(absl::string_view text) {
  static constexpr std::pair<absl::string_view, absl::string_view> kKnown[] = {
      {"\u201C", "is a curly quote; write a straight one, \""},
      {"\u201D", "is a curly quote; write a straight one, \""},
      {"\u201E", "is a curly quote; write a straight one, \""},
      {"\u00AB", "is a quote of another language; write a straight one, \""},
      {"\u00BB", "is a quote of another language; write a straight one, \""},
      {"\u2018", "is a curly quote; write a straight one, '"},
      {"\u2019", "is a curly quote; write a straight one, '"},
      {"\u00A0", "is a no-break space; write a plain one"},
      {"\u202F", "is a no-break space; write a plain one"},
      {"\u3000", "is a wide space; write a plain one"},
      {"\u200B", "is a space that is never seen; remove it"},
      {"\uFEFF", "is a byte order mark in the midst of the text; remove it"},
      {"\u2010", "is a hyphen of print; write a plain one, -"},
      {"\u2011", "is a hyphen of print; write a plain one, -"},
      {"\u2013", "is a dash; write a hyphen, -"},
      {"\u2014", "is a dash; write a hyphen, -"},
      {"\u2212", "is a minus sign of print; write a hyphen, -"},
      {"\u00D7", "is a multiplication sign; write *"},
      {"\u00F7", "is a division sign; write /"},
      {"\u2264", "is a sign of print; write <="},
      {"\u2265", "is a sign of print; write >="},
      {"\u2260", "is a sign of print; write !="},
      {"\uFF08", "is a wide bracket; write ("},
      {"\uFF09", "is a wide bracket; write )"},
      {"\uFF0C", "is a wide comma; write ,"}};
  for (const auto& [character, is] : kKnown) {
    if (absl::StartsWith(text, character)) {
      return absl::StrCat("\"", character, "\" ", is);
    }
  }
  return "";
}

}  // namespace headway
