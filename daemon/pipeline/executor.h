// The executor: does the work of runs, piece by piece.
//
//   PULL      each source, unless the run is ON_CHANGE; each try is a piece
//   DERIVE    each indicator whose inputs changed since the pipeline last
//             derived, or whose definition changed; one piece
//   FORECAST  each indicator whose values changed since its last issue, or
//             whose definition did; one forecast for each of its series; one
//             piece
//
// Every step stands in the ledger with times, counts and its error. A step that
// fails does not keep others from their work. A pull that fails for a passing
// reason is WAITING for its next try, which is a piece for later: the others
// are done meanwhile, and what is derived comes after all of them. A run that
// is taken up again leaves out the steps that have ended, and counts on where
// it was.
//
// How often a pull is tried depends on what its failure was: UNAVAILABLE as
// often as its source says; a plugin that crashed, hung or spoke garbage twice
// at most; one that somebody else ended by a signal some times more, which
// count apart; wrong configuration once.
//
// Thread-safe: any number of runs at once.
#ifndef HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_
#define HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_

#include <functional>
#include <memory>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/thread_pool.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/schedule/work.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

class Executor {
 public:
  // The pointers must outlive the executor. A piece keeps to the definitions
  // that were in force when it began. Forecasts are made on the thread that
  // executes and on up to `threads` - 1 of the pool, which may be the one that
  // it is of, and null for one thread.
  Executor(Clock* clock, store::Store* store, ingest::PluginHost* plugins,
           std::function<std::shared_ptr<const Definitions>()> definitions,
           ThreadPool* pool, int threads);

  // schedule::Execute.
  std::vector<schedule::Piece> Execute(schedule::ActiveRun& run,
                                       const schedule::Piece& piece) const;

 private:
  Clock* const clock_;
  store::Store* const store_;
  ingest::PluginHost* const plugins_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;
  ThreadPool* const pool_;
  const int threads_;
};

// How long to wait after attempt number `attempt`, from 1: doubling from
// initial_backoff up to max_backoff, less up to a quarter by a hash of `salt`.
absl::Duration BackoffAfter(const RetryPolicy& policy, int attempt,
                            absl::string_view salt);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_EXECUTOR_H_
