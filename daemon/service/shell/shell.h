// What the calls of all services share.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_SHELL_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_SHELL_H_

#include "daemon/service/calls/parts.h"
#include "daemon/service/shell/answer_cache.h"
#include "daemon/service/shell/metrics.h"
#include "daemon/service/shell/pools.h"
#include "daemon/service/shell/watch_hub.h"

namespace headway::service {

// Borrowed; each is thread-safe and outlives the server's calls.
struct Shell {
  const Parts* parts = nullptr;
  CallPools* pools = nullptr;
  AnswerCache* answers = nullptr;
  CallMetrics* metrics = nullptr;
  WatchHub* hub = nullptr;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_SHELL_H_
