// Errors of a plugin, by class.
//
// The class decides what the daemon does with a failure:
//   ConfigError      the configuration, a secret or a file of the operator's is
//                    wrong: shown, not retried
//   TransientError   the publisher or the network: retried with backoff, not
//                    before `retry_after`
//   SystemError      a defect of the plugin, or an answer of the publisher's
//                    that it does not understand
// The class travels in the status code (FAILED_PRECONDITION, UNAVAILABLE,
// INTERNAL); every other code counts as a system error. A message names the
// thing, the value and the remedy. Pure functions.
#ifndef HEADWAY_PLUGINS_SDK_CPP_ERRORS_H_
#define HEADWAY_PLUGINS_SDK_CPP_ERRORS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::sdk {

absl::Status ConfigError(absl::string_view message);
absl::Status TransientError(
    absl::string_view message,
    std::optional<absl::Duration> retry_after = std::nullopt);
absl::Status SystemError(absl::string_view message);

inline bool IsTransient(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable;
}
// What TransientError was given.
std::optional<absl::Duration> RetryAfter(const absl::Status& status);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_ERRORS_H_
