#include "daemon/base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace headway {
namespace {

// Longer names come from garbage, and the distance costs their product.
constexpr size_t kMaxBytes = 128;

// The optimal string alignment distance: insertions, deletions, substitutions
// and swaps of neighbours.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1),
      now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = last[j - 1] + (a[i - 1] != b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

}  // namespace

std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > kMaxBytes) return "";
  const std::string wanted = absl::AsciiStrToLower(name);
  const std::string* best = nullptr;
  size_t best_distance = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMaxBytes) continue;
    const size_t distance =
        EditDistance(wanted, absl::AsciiStrToLower(candidate));
    if (distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  if (best == nullptr) return "";
  return absl::StrCat("; did you mean \"", *best, "\"?");
}

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
