// What is looked at, and what counts as wrong.
//
// A problem is fatal if the daemon cannot do its work because of it: it cannot
// store. Everything else is for an operator to mend while the daemon goes on.
#ifndef HEADWAY_DAEMON_HEALTH_CHECKS_H_
#define HEADWAY_DAEMON_HEALTH_CHECKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/manager.h"
#include "daemon/store/store.h"
#include "headway/v1/admin.pb.h"

namespace headway::health {

// Borrowed.
struct Subjects {
  store::Store* store = nullptr;
  pipeline::PipelineManager* pipelines = nullptr;
  ingest::PluginHost* plugins = nullptr;
};

// What cannot be looked at is a problem itself. Thread-safe.

// All but the indicators. Takes some milliseconds, whatever is wrong: asks no
// plugin, and evaluates nothing.
std::vector<v1::HealthProblem> FindProblems(const Subjects& subjects,
                                            Clock& clock);

// Of the indicators: evaluates those that changed since they were evaluated
// last. The only error is that of `check_alive`.
absl::StatusOr<std::vector<v1::HealthProblem>> FindProblemsOfIndicators(
    const Subjects& subjects, Clock& clock, const CheckAlive& check_alive);

}  // namespace headway::health

#endif  // HEADWAY_DAEMON_HEALTH_CHECKS_H_
