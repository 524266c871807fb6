// Where a job stands in its schedule, and how that is kept in the store.
//
// Two records for each job: the last slot that was served or skipped, with the
// schedule that it was a slot of; and whether a call has paused or resumed the
// job, with what its definition said then, so that the call holds until the
// definition itself changes.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_SCHEDULE_SLOTS_H_
#define HEADWAY_DAEMON_SCHEDULE_SLOTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/schedule/cron.h"
#include "daemon/store/store.h"

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
  // Paused until somebody resumes it, or this changes.
  bool paused = false;
};

struct Job {
  std::string name;
  // Absent: runs on request and on change only.
  std::optional<Schedule> schedule;
};

// The newest slot in (after, until].
std::optional<absl::Time> NewestSlot(const Schedule& schedule, absl::Time after,
                                     absl::Time until);

// A job and how far it has come.
class JobState {
 public:
  JobState() = default;
  // Reads the state of the job; what it has to write goes into `batch`. A new
  // job, and one whose schedule changed, starts with the slots after `now`.
  static absl::StatusOr<JobState> Load(const store::Reader& reader, Job job,
                                       absl::Time now, store::Batch& batch);

  const Job& job() const { return job_; }
  const std::string& name() const { return job_.name; }
  bool has_schedule() const { return job_.schedule.has_value(); }
  const Schedule& schedule() const { return *job_.schedule; }
  // Every slot up to here has been served or skipped.
  absl::Time slot() const { return slot_; }
  bool paused() const { return paused_; }
  absl::Duration jitter() const { return jitter_; }

  // When the first slot after `slot` is due.
  absl::Time DueAfter(absl::Time slot) const;

  // Adds to `batch` that the slots up to `slot` are taken, on the condition
  // that nobody has taken one since; call Took when it is committed.
  void Take(absl::Time slot, store::Batch& batch) const;
  void Took(absl::Time slot);
  // Adds to `batch` that a call paused or resumed the job.
  void SetPaused(bool paused, store::Batch& batch) const;
  void WasPaused(bool paused) { paused_ = paused; }

 private:
  store::Record SlotRecord(absl::Time slot) const;
  store::Record PausedRecord(bool paused) const;

  Job job_;
  absl::Time slot_;
  // The record of slot_ as it stands in the store; absent: there is none.
  std::optional<std::string> slot_record_;
  bool paused_ = false;
  absl::Duration jitter_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_SLOTS_H_
