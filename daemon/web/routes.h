// The one table of the HTTP side: which path is answered by what. Every route
// answers GET and HEAD.
#ifndef HEADWAY_DAEMON_WEB_ROUTES_H_
#define HEADWAY_DAEMON_WEB_ROUTES_H_

#include <functional>
#include <vector>

#include "daemon/web/http/message.h"
#include "daemon/web/visit.h"

namespace headway::web {

struct Route {
  // A regular expression (RE2) that the whole decoded path matches. Its group,
  // where it has one, is the name of the resource asked for.
  const char* path;
  // Thread-safe.
  std::function<Reply(Visit& visit)> answer;
  // Blocks and computes nothing, and is answered also when all pages are busy.
  bool quick = false;
};

// The first route whose path matches answers.
std::vector<Route> AllRoutes();

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_ROUTES_H_
