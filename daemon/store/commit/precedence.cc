#include "daemon/store/commit/precedence.h"

#include <limits>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/types.h"

namespace headway::store {
namespace {

std::string KeyOf(absl::string_view source) {
  return absl::StrCat("precedence/", source);
}

}  // namespace

absl::StatusOr<int64_t> PrecedenceOf(const View& view,
                                     absl::string_view source) {
  if (IsByHand(source)) return std::numeric_limits<int64_t>::max();
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   view.Get(Family::kState, KeyOf(source)));
  if (!text) return 0;
  int64_t precedence = 0;
  if (!absl::SimpleAtoi(*text, &precedence)) {
    return absl::DataLossError(
        absl::StrCat("store ", view.location(), ": the precedence of source ",
                     source, " is damaged, restore it from a backup"));
  }
  return precedence;
}

void WritePrecedence(absl::string_view source, int64_t precedence,
                     WriteBatch* batch) {
  batch->Put(Family::kState, KeyOf(source), absl::StrCat(precedence));
}

}  // namespace headway::store
