// Instants as messages hold them. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_
#define HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::messages {

// In whole microseconds, as everything that Headway keeps. `time` is finite and
// lies in the years 1 to 9999, as protobuf demands.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// For instants that were written by ToTimestamp, or are only shown: whatever
// stands in the message is taken, nanoseconds included.
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

// For instants of requests: truncated to microseconds. An error of `field` if
// the message is no valid timestamp.
absl::StatusOr<absl::Time> ParseTimestamp(
    absl::string_view field, const google::protobuf::Timestamp& timestamp);

// The instant that a read asks for; the infinite future without as_of.
template <typename Request>
absl::StatusOr<absl::Time> AsOf(const Request& request) {
  if (!request.has_as_of()) return absl::InfiniteFuture();
  return ParseTimestamp("as_of", request.as_of());
}

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_
