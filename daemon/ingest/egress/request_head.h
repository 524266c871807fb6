// The head of a request to an HTTP proxy (RFC 9112, section 3.2): CONNECT, or a
// plain request in the absolute form. Pure functions.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_REQUEST_HEAD_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_REQUEST_HEAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

struct RequestHead {
  bool is_tunnel = false;
  // In lower case.
  std::string host;
  int port = 0;
  // Of a plain request: the path and query.
  std::string target;
  // Of a plain request: the head as the server gets it, in the origin form. It
  // asks for the connection to be closed after the answer, so that the client
  // cannot ask another host over it.
  std::string forwarded;
};

// `head` ends with its empty line. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<RequestHead> ParseRequestHead(absl::string_view head);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_REQUEST_HEAD_H_
