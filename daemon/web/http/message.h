// Requests and replies between the server and whoever answers.
#ifndef HEADWAY_DAEMON_WEB_HTTP_MESSAGE_H_
#define HEADWAY_DAEMON_WEB_HTTP_MESSAGE_H_

#include <string>
#include <utility>
#include <vector>

namespace headway::web {

// A name and a value; the name in lower case where it was received.
using HttpField = std::pair<std::string, std::string>;

// A GET or a HEAD. Both parts are as they were sent, percent-encoded
// (http/target.h decodes them).
struct HttpRequest {
  // Begins with '/'.
  std::string path;
  // What follows the first '?'; empty if there is none.
  std::string query;
  // From another machine, or passed on by a proxy.
  bool from_outside = false;
};

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
  // Besides those that every reply has.
  std::vector<HttpField> fields = {};
};

inline constexpr char kPlainText[] = "text/plain; charset=utf-8";

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTTP_MESSAGE_H_
