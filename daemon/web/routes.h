// The one table of the HTTP side: which path is answered by what. Every route
// answers GET and HEAD.
#ifndef HEADWAY_DAEMON_WEB_ROUTES_H_
#define HEADWAY_DAEMON_WEB_ROUTES_H_

#include <functional>
#include <vector>

#include "daemon/service/server.h"
#include "daemon/web/api_client.h"
#include "daemon/web/http.h"

namespace headway::web {

// What routes answer from; each is thread-safe.
struct Site {
  ApiClient api;
  service::Server* server;
};

struct Route {
  // A regular expression (ECMAScript) that the whole decoded path matches. Its
  // group, where it has one, is the name of the resource asked for.
  const char* path;
  // Thread-safe.
  std::function<Reply(Site& site, const Request& request)> answer;
};

// The first route whose path matches answers.
std::vector<Route> AllRoutes();

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_ROUTES_H_
