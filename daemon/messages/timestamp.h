// Instants as the messages of ledger and forecasts hold them: microseconds.
// Pure functions. For finite times from year 1 to 9999, as protobuf demands.
#ifndef HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_
#define HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

namespace headway::schedule {

inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(time));
}

inline absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixMicros(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(timestamp));
}

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_MESSAGES_TIMESTAMP_H_
