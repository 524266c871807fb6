// Request ids: clients choose them, so that a call made again does its work
// once. Pure functions.
#ifndef HEADWAY_DAEMON_MESSAGES_REQUEST_ID_H_
#define HEADWAY_DAEMON_MESSAGES_REQUEST_ID_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::messages {

// An error of the field `request_id` unless it is at most 100 printable
// characters of ASCII. Empty is fine.
absl::Status CheckRequestId(absl::string_view request_id);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_REQUEST_ID_H_
