// A run that the scheduler has handed to a thread: the executor writes it, and
// the scheduler can stop it.
#ifndef HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_
#define HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_

#include <atomic>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// Whether a run pulls sources; runs on change only derive.
inline bool Pulls(const v1::Run& run) {
  return run.trigger() != v1::Run::ON_CHANGE;
}

// The const methods, AskToStop, Cancel, Begin and Abandon are thread-safe; the
// others are for the thread that executes the run.
class RunAtWork final : public ActiveRun {
 public:
  RunAtWork(v1::Run run, std::string job, Clock* clock, Ledger* ledger)
      : run_(std::move(run)),
        job_(std::move(job)),
        pulls_(Pulls(run_)),
        clock_(clock),
        ledger_(ledger) {}

  v1::Run& run() override { return run_; }
  absl::string_view job() const override { return job_; }
  absl::Status Save() override { return ledger_->Update(run_); }
  void Publish() override { ledger_->Publish(run_); }

  bool stopping() const override {
    absl::MutexLock lock(&mutex_);
    return stop_;
  }

  bool Sleep(absl::Duration duration) override {
    absl::MutexLock lock(&mutex_);
    return !clock_->AwaitUntil(mutex_, absl::Condition(&stop_),
                               clock_->Now() + duration);
  }

  bool pulls() const { return pulls_; }
  void AskToStop() {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  void Cancel() {
    cancelled_ = true;
    AskToStop();
  }
  bool cancelled() const override { return cancelled_; }

  // The thread calls Begin, the scheduler Abandon. The first of the two calls
  // returns true, the other false: a run that was abandoned does not begin.
  bool Begin() { return Settle(kBegun); }
  bool Abandon() { return Settle(kAbandoned); }

 private:
  enum State { kSpawned, kBegun, kAbandoned };
  bool Settle(State to) {
    State from = kSpawned;
    return state_.compare_exchange_strong(from, to);
  }

  v1::Run run_;
  const std::string job_;
  const bool pulls_;
  Clock* const clock_;
  Ledger* const ledger_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<State> state_ = kSpawned;
  mutable absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RUN_AT_WORK_H_
