#include "daemon/pipeline/definitions/text/name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace headway::pipeline {
namespace {

constexpr size_t kMaxNameLength = 63;

}  // namespace

absl::Status CheckName(absl::string_view what, absl::string_view name,
                       absl::string_view more) {
  const bool good = !name.empty() && name.size() <= kMaxNameLength &&
                    absl::ascii_islower(name[0]) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                             absl::StrContains(more, c);
                    });
  if (good) return absl::OkStatus();
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("this ", what, " has no name; give it one"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      what, " name \"", name, "\" is not allowed; write at most ",
      kMaxNameLength, " lower-case letters, digits and ",
      absl::StrJoin(more, ", ",
                    [](std::string* out, char c) {
                      absl::StrAppend(out, "'", std::string(1, c), "'");
                    }),
      ", a letter first"));
}

}  // namespace headway::pipeline
