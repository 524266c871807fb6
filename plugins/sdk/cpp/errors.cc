#include "plugins/sdk/cpp/errors.h"

#include <string>

#include "absl/strings/cord.h"

namespace headway::sdk {
namespace {

constexpr absl::string_view kRetryAfter = "headway/retry-after";

}  // namespace

absl::Status ConfigError(absl::string_view message) {
  return absl::FailedPreconditionError(message);
}

absl::Status TransientError(absl::string_view message,
                            std::optional<absl::Duration> retry_after) {
  absl::Status status = absl::UnavailableError(message);
  if (retry_after.has_value()) {
    status.SetPayload(kRetryAfter,
                      absl::Cord(absl::FormatDuration(*retry_after)));
  }
  return status;
}

absl::Status SystemError(absl::string_view message) {
  return absl::InternalError(message);
}

std::optional<absl::Duration> RetryAfter(const absl::Status& status) {
  auto payload = status.GetPayload(kRetryAfter);
  absl::Duration duration;
  if (!payload.has_value() ||
      !absl::ParseDuration(std::string(*payload), &duration)) {
    return std::nullopt;
  }
  return duration;
}

}  // namespace headway::sdk
