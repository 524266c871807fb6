// A recorded answer of a publisher, as the SDKs write and replay it: a JSON
// object of "url", "status", "headers" (an object of texts) and "body", or
// "body_base64" where the body is not UTF-8. "request", what was posted, is
// passed over. docs/plugins.md describes it for authors. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_RECORDING_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_RECORDING_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace headway::ingest {

struct Recording {
  std::string url;
  // The status code of HTTP.
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;

  friend bool operator==(const Recording&, const Recording&) = default;
};

// Takes any bytes; absent if they are no recording. Uses memory in proportion
// to their number.
std::optional<Recording> ParseRecording(absl::string_view text);

std::string FormatRecording(const Recording& recording);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_RECORDING_H_
