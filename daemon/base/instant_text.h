// Instants as text: what Headway writes in logs, errors, files and tables, and
// what it takes from files and people. Pure functions, thread-safe.
#ifndef HEADWAY_DAEMON_BASE_INSTANT_TEXT_H_
#define HEADWAY_DAEMON_BASE_INSTANT_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway {

// RFC 3339 in UTC, with as many digits as the instant needs:
// "2026-03-05T06:30:00.5Z". ParseInstant reads it back.
std::string FormatInstant(absl::Time instant);

// Down to the minute, for people: "2026-03-05 06:30 UTC".
std::string FormatMinute(absl::Time instant);

// An instant of RFC 3339, "2026-03-05T14:00:00+01:00", in the years 1 to 9999.
// INVALID_ARGUMENT with the text and the remedy.
absl::StatusOr<absl::Time> ParseInstant(absl::string_view text);

// ParseInstant, or a date, "2026-03-05", which means the last microsecond of
// that day in UTC: "as of" a date includes what became known in its course.
absl::StatusOr<absl::Time> ParseDateOrInstant(absl::string_view text);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_INSTANT_TEXT_H_
