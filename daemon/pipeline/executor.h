// The executor: does the work of one run.
//
//   PULL      each source; with retries, unless the run is ON_CHANGE
//   DERIVE    each indicator whose inputs changed since the pipeline last
//             derived, or whose definition changed
//   FORECAST  each indicator whose values changed since its last issue, or
//             whose definition did; one forecast for each of its series
//
// Every step stands in the ledger with times, counts and its error. A step that
// fails does not keep others from their work. A run that is taken up again
// leaves out the steps that have ended. All waits are on the clock.
//
// Thread-safe: any number of runs at once.
#ifndef HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_
#define HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_

#include <functional>
#include <memory>

#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

class Executor {
 public:
  // The pointers must outlive the executor. A run keeps to the definitions that
  // were in force when it began.
  Executor(Clock* clock, store::Store* store, ingest::PluginHost* plugins,
           std::function<std::shared_ptr<const Definitions>()> definitions);

  // Schedule::Execute.
  void Execute(schedule::ActiveRun& run) const;

 private:
  Clock* const clock_;
  store::Store* const store_;
  ingest::PluginHost* const plugins_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;
};

// How long to wait after attempt number `attempt`, from 1: doubling from
// initial_backoff up to max_backoff, less up to a quarter by a hash of `salt`.
absl::Duration BackoffAfter(const RetryPolicy& policy, int attempt,
                            absl::string_view salt);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_
