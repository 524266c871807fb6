// The run ledger: what ran, when, and what came of it.
//
// Runs are headway.v1.Run messages, kept in the store until they are deleted. A
// run belongs to a job; its name is pipelines/JOB/runs/ID, where IDs rise with
// the time of creation, so that the order of IDs is the order of runs.
//
// Durability: what Create and Update write is synced when they return. Update
// writes what changed, the run's own record or some of its steps. Publish
// writes nothing: it shows a newer state to readers and listeners of this
// process, for progress that changes many times a second.
//
// A record that cannot be read is left out, logged once and named by
// Unreadable: it keeps neither the daemon from starting nor others from being
// read. Get alone answers with the error.
//
// Thread-safe. Each run has one writer at a time: the scheduler until it
// starts and after it has ended, its executor in between.
//
// Errors: NOT_FOUND for an unknown run; INVALID_ARGUMENT for a malformed name
// or page token; ABORTED where a precondition of the caller's does not hold;
// what the store says otherwise.
#ifndef HEADWAY_DAEMON_SCHEDULE_LEDGER_H_
#define HEADWAY_DAEMON_SCHEDULE_LEDGER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/base/listeners.h"
#include "daemon/schedule/run_records.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// pipelines/JOB/runs/ID taken apart.
struct RunName {
  std::string job;
  std::string id;
};
absl::StatusOr<RunName> ParseRunName(absl::string_view name);

class Ledger {
 public:
  // Both must outlive the ledger.
  Ledger(store::Store* store, Clock* clock);

  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // A new run in state QUEUED. `with` is committed with it, all or nothing:
  // the slot that it takes is marked as taken.
  absl::StatusOr<v1::Run> Create(absl::string_view job,
                                 v1::Run::Trigger trigger,
                                 std::optional<absl::Time> slot,
                                 store::Batch with,
                                 absl::string_view request_id = "");
  // With `with` in the same commit.
  absl::Status Update(const v1::Run& run, store::Batch with = {});
  void Publish(const v1::Run& run);

  // The run of an earlier call with that request id; absent if there is none.
  absl::StatusOr<std::optional<v1::Run>> FindRequest(
      absl::string_view job, absl::string_view request_id) const;
  // Notes that the call with that id was answered with the run, which is of the
  // job.
  absl::Status NoteRequest(absl::string_view job, absl::string_view request_id,
                           const v1::Run& run);

  absl::StatusOr<v1::Run> Get(absl::string_view name) const;
  // Runs that have not ended, oldest first.
  absl::StatusOr<std::vector<v1::Run>> ListActive() const;

  struct Query {
    std::string job;  // empty: all
    std::optional<v1::Run::State> state;
    std::optional<v1::Run::Trigger> trigger;
    size_t page_size = 100;
    std::string page_token;
    // A page ends before it is larger than this, but holds at least one run.
    size_t page_bytes = size_t{3} << 20;
  };
  struct Page {
    std::vector<v1::Run> runs;  // newest first
    std::string next_page_token;
  };
  absl::StatusOr<Page> List(const Query& query) const;
  // The newest run of a job; absent if there was none.
  absl::StatusOr<std::optional<v1::Run>> Latest(absl::string_view job) const;
  // The newest that was to pull, and has ended.
  absl::StatusOr<std::optional<v1::Run>> LatestPull(
      absl::string_view job) const;
  // The IDs of the runs whose records could not be read.
  std::set<std::string> Unreadable() const;

  // Deletes some runs created before `before`, oldest first, looking at
  // `at_once` of them: neither the newest run and the newest pull of a job, nor
  // one that has not ended, nor one that `keeps` is true of. `after` is where
  // the last call ended; "" to begin, and again when all were looked at.
  struct Deletion {
    int deleted = 0;
    std::string after;
  };
  absl::StatusOr<Deletion> DeleteBefore(
      absl::Time before, const std::string& after, size_t at_once,
      absl::FunctionRef<bool(const std::string& name)> keeps);

  // Told every new state of every run, on the thread that changed it. A
  // listener calls neither the ledger nor the scheduler.
  using Subscription = Listeners<v1::Run>::Subscription;
  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(
      Listeners<v1::Run>::Listener listener) {
    return listeners_.Add(std::move(listener));
  }

 private:
  absl::StatusOr<std::string> NewId();
  absl::StatusOr<v1::Run> Newest(const store::Reader& reader,
                                 absl::string_view id) const;
  // The same; absent if the record cannot be read, which is noted.
  absl::StatusOr<std::optional<v1::Run>> NewestIfReadable(
      const store::Reader& reader, absl::string_view id) const;
  // The newest run of the job that `wanted` is true of.
  absl::StatusOr<std::optional<v1::Run>> NewestThat(
      absl::string_view job,
      absl::FunctionRef<bool(v1::Run::State, v1::Run::Trigger)> wanted) const;
  absl::StatusOr<RunBytes> TakeWritten(const std::string& id);

  store::Store* const store_;
  Clock* const clock_;

  mutable absl::Mutex mutex_;
  absl::Time last_id_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // The newest state of the runs that have not ended, where it is newer than
  // the store's. By name.
  std::map<std::string, v1::Run> published_ ABSL_GUARDED_BY(mutex_);
  // What the store holds of runs that have not ended, by ID. A run is missing
  // while it is being written, and until it is written first.
  std::map<std::string, RunBytes> written_ ABSL_GUARDED_BY(mutex_);
  mutable std::set<std::string> unreadable_ ABSL_GUARDED_BY(mutex_);

  // Apart from mutex_, so that a listener may take its time.
  Listeners<v1::Run> listeners_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_LEDGER_H_
