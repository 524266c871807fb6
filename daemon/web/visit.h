// A request as the routes see it, with what it is answered from.
#ifndef HEADWAY_DAEMON_WEB_VISIT_H_
#define HEADWAY_DAEMON_WEB_VISIT_H_

#include <map>
#include <string>

#include "daemon/service/server.h"
#include "daemon/web/api_client.h"
#include "daemon/web/http/server.h"
#include "daemon/web/request_counts.h"

namespace headway::web {

// What all requests are answered from; each part is thread-safe.
struct Site {
  service::Server* server;
  const HttpServer* http;
  ApiStubs stubs;
  OpenCalls calls;
  RequestCounts requests;
};

struct Visit {
  Site& site;
  ApiClient api;
  // Decoded, without the query.
  std::string path;
  // What the group of the route's path matched: "indicators/gdp".
  std::string name;
  // Decoded. A name may be given twice.
  std::multimap<std::string, std::string> parameters;
};

inline constexpr char kHtml[] = "text/html; charset=utf-8";

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_VISIT_H_
