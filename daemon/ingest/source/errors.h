// What an error of a source says to programs, besides its code and message.
// Payloads of the status: Annotate keeps them. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::ingest {

// With an UNAVAILABLE status: how long after now the plugin asked to be
// retried, at least 0.
std::optional<absl::Duration> RetryAfter(const absl::Status& status);
absl::Status WithRetryAfter(absl::Status status, absl::Duration after);

// The option of the source's configuration that is wrong; absent if the error
// is about no option that was given.
std::optional<std::string> OptionAtFault(const absl::Status& status);
absl::Status WithOptionAtFault(absl::Status status, absl::string_view option);

// The last lines that the plugin logged before it failed, secrets struck out.
std::vector<std::string> LogOf(const absl::Status& status);
absl::Status WithLog(absl::Status status, const std::vector<std::string>& log);

// Whether somebody else ended the plugin by a signal, such as a service manager
// that stops the daemon with all its processes: an UNAVAILABLE status that is
// neither the plugin's fault nor the publisher's.
bool WasInterrupted(const absl::Status& status);
absl::Status AsInterrupted(absl::Status status);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_
