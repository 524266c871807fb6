// The scheduler: starts the runs of jobs when they are due, never runs a slot
// twice, and decides which piece of which run is done next.
//
// A slot is an instant at which a job's cron expression fires; the run for it
// starts at the slot plus the job's jitter. Taking a slot and making its run
// are one atomic commit, so that after a crash at any instant a slot has been
// taken with its run in the ledger, or is still to be taken.
//
// Slots that are more than a minute late, because the daemon was down or the
// machine was asleep, follow the job's catch-up policy. A slot that comes while
// a scheduled or manual run of the job has not ended, be it waiting or at work,
// is skipped, except with kAll, where it waits its turn. A slot that comes
// while a run on change is at work waits for its end.
//
// A run is done in pieces (work.h), oldest run first. A piece takes a place of
// its class, and its hosts; a run whose pieces are all for later is WAITING and
// holds neither thread nor place. Of a job one run is at work at a time; while
// it waits, a run on change may be.
//
// Runs that had not ended when the daemon stopped are taken up again under the
// same name; the executor skips the steps that their ledger shows as done. A
// run at work when the daemon died, without having been asked to stop, counts
// a resumption; after three in a row in which it changed no series it is
// parked: it has FAILED.
//
// While the clock is in doubt (base/clock_guard.h) nothing is begun, for
// nothing could be written: what SetJobs and Recover would write is put off
// until the clock is believed.
//
// Time comes from the clock alone. Poll() is the whole of the logic and never
// waits, so that tests drive years in seconds; Start() calls it from a thread.
// Thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_
#define HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/slots.h"
#include "daemon/schedule/work.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

class Scheduler {
 public:
  struct Options {
    // Pieces of each class at work at once, over all jobs: three times as many
    // threads may be needed.
    int max_concurrent_runs = 2;
    // What there is to do while no piece is at work, in small parts, on a
    // thread of `spawn`: returns when to be called next. May be empty.
    std::function<absl::Time()> upkeep = {};
  };

  // The pointers must outlive the scheduler, and spawned work must have ended
  // or been dropped when it is destroyed (Stop waits for what has started).
  Scheduler(const Options& options, Clock* clock, store::Store* store,
            Ledger* ledger, Execute execute, Spawn spawn);
  ~Scheduler();

  // Replaces the jobs. A new job starts with the slots after now, and so does
  // one whose schedule changed. Runs of jobs that are gone are cancelled,
  // except where a piece is at work, which goes on.
  absl::Status SetJobs(std::vector<Job> jobs);
  // Takes up the runs that had not ended. Once, after the first SetJobs and
  // before anything else.
  absl::Status Recover();

  // Does what is due now, and returns the instant at which there will be more
  // to do, if nobody calls anything before.
  absl::Time Poll();
  // Polls from a thread of its own until Stop.
  void Start();
  // Ends the thread, asks working runs to stop and waits for them. They are
  // QUEUED in the ledger and are taken up by the next Recover.
  void Stop();

  // Queues a run. MANUAL: returns the job's queued manual run if there is one.
  // ON_CHANGE: returns any queued run of the job. With a request id: returns
  // the run that the first call with it gave, also after a restart. NOT_FOUND
  // for an unknown job.
  absl::StatusOr<v1::Run> Trigger(absl::string_view job,
                                  v1::Run::Trigger trigger,
                                  absl::string_view request_id = "");
  // A run of which nothing is at work ends at once, another soon.
  // FAILED_PRECONDITION if it has ended.
  absl::StatusOr<v1::Run> Cancel(absl::string_view run_name);

  // A paused job fires no slots; those that pass meanwhile are not caught up.
  // Kept over restarts, until the job's own `paused` changes.
  absl::Status Pause(absl::string_view job);
  absl::Status Resume(absl::string_view job);
  absl::StatusOr<bool> IsPaused(absl::string_view job) const;
  // When the job will start next, jitter included; empty if it is paused or
  // has no schedule.
  absl::StatusOr<std::vector<absl::Time>> NextFireTimes(absl::string_view job,
                                                        int count) const;

  // Slots that have been due for more than a minute and have no run, because it
  // cannot be written; the oldest of each job. Those that wait for the run
  // before, too.
  struct LateSlot {
    std::string job;
    absl::Time due;
  };
  std::vector<LateSlot> LateSlots() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_
