// A run that has not ended, as the scheduler keeps it: the executor's view of
// it while a piece of it is done, its lease, and what may come next.
#ifndef HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_
#define HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/schedule/lease.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/work.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// Whether a run pulls sources; runs on change only derive.
inline bool Pulls(const v1::Run& run) {
  return run.trigger() != v1::Run::ON_CHANGE;
}

// Stop, Cancel, RenewLease and the const methods are thread-safe; the others
// are for one thread at a time: that which does a piece, or the scheduler's.
class RunAtWork final : public ActiveRun {
 public:
  // Where the scheduler has got with a run.
  enum class Phase {
    kQueued,   // nothing of it was done since the daemon started
    kAtWork,   // a piece is at work, or the next one waits for a place
    kWaiting,  // until an instant
  };

  // The pointers must outlive the run.
  RunAtWork(v1::Run run, std::string job, Clock* clock, store::Store* store,
            Ledger* ledger);

  v1::Run& run() override { return run_; }
  absl::string_view job() const override { return job_; }
  absl::Status Save(store::Batch with) override;
  void Publish() override { ledger_->Publish(run_); }
  std::vector<store::RecordPrecondition> Preconditions() const override;
  bool stopping() const override { return stop_ || cancelled_ || lost_; }

  const std::string& name() const { return name_; }
  bool pulls() const { return pulls_; }
  bool cancelled() const { return cancelled_; }
  // Another daemon has taken the run over: it is not ours to write.
  bool lost() const { return lost_; }
  void Stop() { stop_ = true; }
  void Cancel() { cancelled_ = true; }

  // Writes that the run is at work, under a new lease if it has none.
  absl::Status SaveAtWork();
  // Lets the lease run on if half of its time is over, and returns when it is
  // to be called next.
  absl::Time RenewLease();
  // Writes the end: the open steps are skipped if it was cancelled or parked.
  absl::Status SaveEnd(v1::Run::State state, absl::string_view error);
  // The same for a run that nobody works on, which stays as it was if that
  // cannot be written.
  absl::Status EndIdle(v1::Run::State state, absl::string_view error);

  // Writes what came of a piece, and what the run is now: at its end, waiting
  // until the first of the next pieces is due, or still at work.
  absl::Status Settle(const std::vector<Piece>& next);
  // Writes that a run which is between two pieces goes on after the restart for
  // which the daemon was asked to stop.
  void Rest();

  // For the scheduler, under its lock.
  Phase phase = Phase::kQueued;
  std::vector<Piece> next = {Piece()};
  // At work, or given to a thread that has not come to it. Whoever sets
  // `claimed` first has the piece: the thread, to do it, or the scheduler, to
  // give it up.
  std::optional<Piece> doing;
  std::shared_ptr<std::atomic<bool>> claimed;

 private:
  // Notes a run that was taken over.
  absl::Status Judge(absl::Status status);

  v1::Run run_;
  const std::string name_;
  const std::string job_;
  const bool pulls_;
  Clock* const clock_;
  store::Store* const store_;
  Ledger* const ledger_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> lost_ = false;
  mutable absl::Mutex lease_mutex_;
  std::optional<Lease> lease_ ABSL_GUARDED_BY(lease_mutex_);
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_
