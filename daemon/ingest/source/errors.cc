#include "daemon/ingest/source/errors.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace headway::ingest {
namespace {

// Keys of status payloads.
constexpr absl::string_view kRetryAfterUrl = "headway/retry_after_us";
constexpr absl::string_view kOptionUrl = "headway/option";

}  // namespace

std::optional<absl::Duration> RetryAfter(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryAfterUrl);
  int64_t microseconds;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &microseconds)) {
    return std::nullopt;
  }
  return absl::Microseconds(microseconds);
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration after) {
  const int64_t microseconds =
      std::max<int64_t>(0, absl::ToInt64Microseconds(after));
  status.SetPayload(kRetryAfterUrl, absl::Cord(absl::StrCat(microseconds)));
  return status;
}

std::optional<std::string> OptionAtFault(const absl::Status& status) {
  const auto payload = status.GetPayload(kOptionUrl);
  if (!payload) return std::nullopt;
  return std::string(*payload);
}

absl::Status WithOptionAtFault(absl::Status status, absl::string_view option) {
  status.SetPayload(kOptionUrl, absl::Cord(option));
  return status;
}

}  // namespace headway::ingest
