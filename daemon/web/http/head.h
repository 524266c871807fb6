// What the head of a request asks for, or why it is refused. Knows no sockets
// and no parser. Pure functions.
#ifndef HEADWAY_DAEMON_WEB_HTTP_HEAD_H_
#define HEADWAY_DAEMON_WEB_HTTP_HEAD_H_

#include <string>
#include <variant>
#include <vector>

#include "daemon/web/http/message.h"

namespace headway::web {

// A head that has been parsed and judged by its grammar alone.
struct RequestHead {
  std::string method;
  std::string target;
  // In the order in which they came.
  std::vector<HttpField> fields;
};

// Refuses, in this order: methods but GET and HEAD (405); other than exactly
// one Host field (400); a host, in that field or in the target, that is not
// this machine (403); a body, with its length (413) or in chunks (400); a
// target that is no path (400).
//
// The host is checked because a page of another site may have its own name
// resolve to 127.0.0.1, and then have a browser read what it likes as if it
// were ours; but the browser must name that site as the host.
std::variant<HttpRequest, Reply> ReadHead(const RequestHead& head);

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTTP_HEAD_H_
