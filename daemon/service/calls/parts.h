// What the handlers work on.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_

#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/engine.h"
#include "daemon/service/calls/maintenance.h"
#include "daemon/store/store.h"

namespace headway::service {

// Borrowed; each is thread-safe and outlives the server.
struct Parts {
  Clock* clock = nullptr;
  store::Store* store = nullptr;
  ingest::PluginHost* plugins = nullptr;
  pipeline::Engine* engine = nullptr;
  Maintenance* maintenance = nullptr;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_
