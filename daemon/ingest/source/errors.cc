#include "daemon/ingest/source/errors.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace headway::ingest {
namespace {

// Keys of status payloads.
constexpr absl::string_view kRetryAfterUrl = "headway/retry_after_us";
constexpr absl::string_view kOptionUrl = "headway/option";
constexpr absl::string_view kLogUrl = "headway/log";
constexpr absl::string_view kInterruptedUrl = "headway/interrupted";

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

std::vector<std::string> LogOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kLogUrl);
  if (!payload || payload->empty()) return {};
  return absl::StrSplit(std::string(*payload), '\n');
}

absl::Status WithLog(absl::Status status, const std::vector<std::string>& log) {
  // A line of a log has no line break in it.
  status.SetPayload(kLogUrl, absl::Cord(absl::StrJoin(log, "\n")));
  return status;
}

bool WasInterrupted(const absl::Status& status) {
  return status.GetPayload(kInterruptedUrl).has_value();
}

absl::Status AsInterrupted(absl::Status status) {
  status.SetPayload(kInterruptedUrl, absl::Cord("1"));
  return status;
}

}  // namespace headway::ingest
