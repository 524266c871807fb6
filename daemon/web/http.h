// Requests and replies as the routes see them.
#ifndef HEADWAY_DAEMON_WEB_HTTP_H_
#define HEADWAY_DAEMON_WEB_HTTP_H_

#include <map>
#include <string>

namespace headway::web {

struct Request {
  // Decoded, without the query.
  std::string path;
  // What the group of the route's path matched: "indicators/gdp".
  std::string name;
  // Decoded. A name may be given twice.
  std::multimap<std::string, std::string> parameters;
};

struct Reply {
  int status = 200;
  std::string content_type;
  std::string body;
};

inline constexpr char kPlainText[] = "text/plain; charset=utf-8";
inline constexpr char kHtml[] = "text/html; charset=utf-8";

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTTP_H_
