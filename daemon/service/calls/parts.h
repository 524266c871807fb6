// What the handlers work on. Declares the types only: a handler includes the
// headers of those that it uses.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_

namespace headway {
class Clock;
namespace health {
class Health;
}
namespace ingest {
class PluginHost;
}
namespace operations {
class Operations;
}
namespace pipeline {
class PipelineManager;
}
namespace store {
class Store;
}
}  // namespace headway

namespace headway::service {

class Maintenance;  // service/admin/maintenance.h

// Borrowed; each is thread-safe and outlives the server. So may an operation:
// its work uses what a part points to, not the parts.
struct Parts {
  Clock* clock = nullptr;
  store::Store* store = nullptr;
  ingest::PluginHost* plugins = nullptr;
  pipeline::PipelineManager* pipelines = nullptr;
  Maintenance* maintenance = nullptr;
  operations::Operations* operations = nullptr;
  health::Health* health = nullptr;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_PARTS_H_
