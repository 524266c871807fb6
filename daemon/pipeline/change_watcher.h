// Watches which series change in the store, and queues a run ON_CHANGE of every
// pipeline whose indicators use them. Changes by runs of other pipelines and by
// programs that push count; those by the pipeline's own runs do not, because
// these derive by themselves. What a run changes counts once the run has ended,
// so that a long pull queues one run and not one for each of its checkpoints.
//
// Nothing is lost in between: each pipeline keeps the commit it has derived up
// to, and CatchUp looks from there.
#ifndef HEADWAY_DAEMON_PIPELINE_CHANGE_WATCHER_H_
#define HEADWAY_DAEMON_PIPELINE_CHANGE_WATCHER_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/clock.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

class ChangeWatcher {
 public:
  // The pointers must outlive the watcher.
  ChangeWatcher(
      Clock* clock, store::Store* store, schedule::Ledger* ledger,
      schedule::Scheduler* scheduler,
      std::function<std::shared_ptr<const Definitions>()> definitions);
  // Ends the thread.
  ~ChangeWatcher();

  // Queues runs for what changed while nobody watched, in the data or in the
  // definitions.
  absl::Status CatchUp();
  // Watches from a thread of its own. Once.
  void Start();

 private:
  void Loop();
  // Reads the commits since the last call, and queues the runs that they cause.
  absl::Status LookAtCommits();
  absl::Status QueueAffected(const store::Reader& reader,
                             const std::set<store::SeriesId>& changed,
                             const std::string& by_run);
  absl::StatusOr<bool> IsUnderWay(const std::string& run) const;

  Clock* const clock_;
  store::Store* const store_;
  schedule::Ledger* const ledger_;
  schedule::Scheduler* const scheduler_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;

  // Used by the thread alone, once it has started.
  store::CommitNumber seen_;
  std::map<std::string, std::set<store::SeriesId>> changed_by_run_;

  absl::Mutex mutex_;
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<store::Store::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_CHANGE_WATCHER_H_
