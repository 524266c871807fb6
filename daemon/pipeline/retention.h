// Deletes what is too old, a part at a time, while nothing else is to do: runs,
// and documents of sources that no definition names any more.
//
// Not thread-safe: the scheduler calls it, one call at a time.
#ifndef HEADWAY_DAEMON_PIPELINE_RETENTION_H_
#define HEADWAY_DAEMON_PIPELINE_RETENTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/schedule/ledger.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

// The newest run and the newest pull of each pipeline stay, and so do runs that
// have not ended and those that a failure which still stands points to. What a
// run committed stays for good, with the run's name in it.
class Retention {
 public:
  // Runs are kept `keep_runs` from their creation. The pointers must outlive
  // this.
  Retention(absl::Duration keep_runs, Clock* clock, store::Store* store,
            schedule::Ledger* ledger);

  // Does a part of the work, and returns when to be called next.
  absl::Time DoSome();

 private:
  absl::StatusOr<schedule::Ledger::Deletion> DeleteSome();

  const absl::Duration keep_runs_;
  Clock* const clock_;
  store::Store* const store_;
  schedule::Ledger* const ledger_;
  // Where the round under way has got to; empty between two.
  std::string after_;
  // In this round.
  int deleted_ = 0;
};

// Documents of sources that are defined are let go after each pull
// (ingest/documents/collector.h).
class DocumentRetention {
 public:
  // The pointers must outlive this.
  DocumentRetention(
      Clock* clock, store::Store* store,
      std::function<std::shared_ptr<const Definitions>()> definitions);

  // Keeps of each such source what a source keeps that says nothing else
  // (ingest/source/limits.h). Returns when to be called next.
  absl::Time DoSome();

 private:
  absl::Status LetGo();

  Clock* const clock_;
  store::Store* const store_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_RETENTION_H_
