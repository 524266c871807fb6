#include "daemon/ingest/source/version.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace headway::ingest {

bool IsOlderVersion(absl::string_view a, absl::string_view b) {
  const auto split = [](absl::string_view text) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(text, absl::ByAnyChar(".-+_ "));
    return parts;
  };
  const auto left = split(a);
  const auto right = split(b);
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i] == right[i]) continue;
    int64_t mine = 0;
    int64_t other = 0;
    if (absl::SimpleAtoi(left[i], &mine) &&
        absl::SimpleAtoi(right[i], &other)) {
      if (mine != other) return mine < other;
      continue;
    }
    return left[i] < right[i];
  }
  return left.size() < right.size();
}

}  // namespace headway::ingest
