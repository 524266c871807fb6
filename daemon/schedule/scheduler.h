// The scheduler: starts the runs of jobs when they are due, and never runs a
// slot twice.
//
// A slot is an instant at which a job's cron expression fires; the run for it
// starts at the slot plus the job's jitter. Taking a slot and making its run
// are one atomic commit, so that after a crash at any instant a slot has been
// taken with its run in the ledger, or is still to be taken.
//
// Slots that are more than a minute late, because the daemon was down or the
// machine was asleep, follow the job's catch-up policy. A job runs at most once
// at a time: a slot that comes while a scheduled or manual run of the job is
// waiting or working is skipped, except with kAll, where it waits its turn.
// A slot that comes while a run on change is working waits for its end.
//
// Runs that had not ended when the daemon stopped are started again under the
// same name; the executor skips the steps that their ledger shows as done.
//
// Time comes from the clock alone. Poll() is the whole of the logic and never
// waits, so that tests drive years in seconds; Start() calls it from a thread.
// Thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_
#define HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/schedule/cron.h"
#include "daemon/schedule/ledger.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// What becomes of slots that passed without a run.
enum class CatchUp {
  kLatest,  // one run for the newest of them
  kNone,
  kAll,  // a run for each, oldest first, within the window
};

struct Schedule {
  Cron cron;
  absl::TimeZone zone;
  // Runs start up to this much after their slot, by a hash of the job's name.
  absl::Duration jitter;
  CatchUp catch_up = CatchUp::kLatest;
  // With kAll: slots older than this are skipped.
  absl::Duration catch_up_window = absl::Hours(24 * 7);
  // Paused until somebody resumes it.
  bool paused = false;
};

struct Job {
  std::string name;
  // Absent: runs on request and on change only.
  std::optional<Schedule> schedule;
};

// A run as its executor sees it. One thread at a time may use it, except for
// the const methods, which any thread may call.
class ActiveRun {
 public:
  virtual ~ActiveRun() = default;

  // The executor writes the steps; the scheduler writes state and times.
  virtual v1::Run& run() = 0;
  virtual absl::string_view job() const = 0;
  // Writes the run to the ledger.
  virtual absl::Status Save() = 0;
  // Shows the run to watchers without writing it.
  virtual void Publish() = 0;
  // The run was cancelled or the daemon is stopping: end soon.
  virtual bool stopping() const = 0;
  // Whether the run was cancelled. If stopping() holds without this, the daemon
  // is shutting down, and the run continues after the restart.
  virtual bool cancelled() const = 0;
  // Waits on the clock; false if the run was told to stop meanwhile.
  virtual bool Sleep(absl::Duration duration) = 0;
};

class Scheduler {
 public:
  struct Options {
    // Runs at work at once, over all jobs.
    int max_concurrent_runs = 2;
  };
  // Does the work of a run. The run has FAILED afterwards if a step failed or
  // `error` is set.
  using Execute = std::function<void(ActiveRun&)>;
  // Has `work` run soon on a thread that may block. Never calls it inline.
  using Spawn = std::function<absl::Status(std::function<void()> work)>;

  // The pointers must outlive the scheduler, and spawned work must have ended
  // or been dropped when it is destroyed (Stop waits for what has started).
  Scheduler(Options options, Clock* clock, store::Store* store, Ledger* ledger,
            Execute execute, Spawn spawn);
  ~Scheduler();

  // Replaces the jobs. A new job starts with the slots after now, and so does
  // one whose schedule changed. Waiting runs of jobs that are gone are
  // cancelled; working ones go on.
  absl::Status SetJobs(std::vector<Job> jobs);
  // Takes up the runs that had not ended. Once, after the first SetJobs.
  absl::Status Recover();

  // Does what is due now, and returns the instant at which there will be more
  // to do, if nobody calls anything before.
  absl::Time Poll();
  // Polls from a thread of its own until Stop.
  void Start();
  // Ends the thread, asks working runs to stop and waits for them. They stay
  // RUNNING in the ledger and are taken up by the next Recover.
  void Stop();

  // Queues a run. MANUAL: returns the job's waiting manual run if there is one.
  // ON_CHANGE: returns any waiting run of the job. NOT_FOUND for an unknown
  // job.
  absl::StatusOr<v1::Run> Trigger(absl::string_view job,
                                  v1::Run::Trigger trigger);
  // A waiting run ends at once, a working one soon. FAILED_PRECONDITION if it
  // has ended.
  absl::StatusOr<v1::Run> Cancel(absl::string_view run_name);

  // A paused job fires no slots; those that pass meanwhile are not caught up.
  // Kept over restarts.
  absl::Status Pause(absl::string_view job);
  absl::Status Resume(absl::string_view job);
  absl::StatusOr<bool> IsPaused(absl::string_view job) const;
  // When the job will start next, jitter included; empty if it is paused or
  // has no schedule.
  absl::StatusOr<std::vector<absl::Time>> NextFireTimes(absl::string_view job,
                                                        int count) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_SCHEDULER_H_
