// What an error of a source says to programs, besides its code and message.
// Payloads of the status: Annotate keeps them. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_
#define HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_

#include <optional>
#include <string>

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

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SOURCE_ERRORS_H_
