// The bitemporal store: every value of every series that Headway ever saw.
//
// Two time axes. known_at is when a value was publicly known; recorded_at is
// when Headway stored it. A vintage is what changed at one known_at. Worked
// example, one series, one period:
//
//   recorded   known_at   2024-03
//   10 May     8 May      5.0        first release
//   12 June    9 June     5.2        revision
//   20 June    1 June     5.1        a vintage found later and backfilled
//
//   as_of 20 May                      -> 5.0
//   as_of 5 June                      -> 5.1  (5.0 if recorded_by 15 June)
//   as_of 10 June                     -> 5.2  (the backfill leaks nowhere)
//
// Intervals are half-open: a value known at T is part of every read as_of T or
// later, until the next vintage with a statement about its period. A withdrawn
// value is absent from reads as of the vintage that withdrew it, and later.
//
// Commit is atomic and synced: after a crash all of a batch is there or none,
// and what was acknowledged is there. Values unchanged against the state at
// their known_at write nothing; a batch that changes nothing still stores its
// checkpoints and records, and makes no commit if it has none. Preconditions
// are looked at in the same instant, against all commits before this one.
//
// Thread-safe. Commits take effect one after another, but share the wait for
// the disk: many threads may commit at once. Reads never wait for them; a
// Reader (reader.h) is a consistent snapshot of the whole store.
//
// Errors: INVALID_ARGUMENT for a malformed batch; NOT_FOUND for an unknown
// series; DATA_LOSS for a block whose checksum does not hold, with the file and
// key; UNAVAILABLE when the directory is locked by another process;
// FAILED_PRECONDITION for a store of a newer format; RESOURCE_EXHAUSTED when
// the disk is full; each says what an operator can do. FAILED_PRECONDITION,
// too, for a commit while the clock is doubted. ABORTED when a precondition of
// a batch does not hold, with the record: nothing is stored.
#ifndef HEADWAY_DAEMON_STORE_STORE_H_
#define HEADWAY_DAEMON_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/clock.h"
#include "daemon/base/clock_guard.h"
#include "daemon/store/reader.h"
#include "daemon/store/types.h"

namespace headway::store {

class CommitWriter;
class DocumentArchive;
class Engine;
class Listeners;
class Snapshot;

class Store {
 public:
  using Options = StoreOptions;

  // Opens the engine under the store in `directory`, for work on a store that
  // may be too damaged to open, or is not complete yet. The one place that
  // chooses an engine: it is RocksDB (engine/rocks/). Of the options, those of
  // the cache and the log.
  static absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(
      const std::string& directory, const Options& options);

  // Opens the store in `directory`, making both if they are not there. `clock`
  // gives recorded_at and must outlive the store.
  static absl::StatusOr<std::unique_ptr<Store>> Open(
      const std::string& directory, Clock* clock, const Options& options);

  // The same on an engine that the caller opened, which this takes over.
  static absl::StatusOr<std::unique_ptr<Store>> Open(
      std::unique_ptr<Engine> engine, Clock* clock, const Options& options);

  ~Store();

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  absl::StatusOr<CommitResult> Commit(const Batch& batch);

  // FAILED_PRECONDITION while the clock is doubted (base/clock_guard.h), as
  // Commit then says, too. Ask before anything is decided by the time of day
  // that lasts longer than the doubt, such as the name of a run.
  absl::Status CheckClock() { return guard_.Check(); }

  std::unique_ptr<Reader> NewReader() const;

  // Stands for this store and this history of it: another store has another,
  // and so has this one after a backup of it was restored. Commit numbers mean
  // the same only under the same identity.
  const std::string& identity() const { return identity_; }

  // The last commit; it can be read as soon as this returns it.
  CommitNumber last_commit() const;
  // The last commit that touched a series, or a later one that did not: after
  // opening it is the last of any kind. What was computed of series at this
  // commit holds at last_commit().
  CommitNumber last_series_commit() const;

  // The last error of the disk, until a commit succeeds.
  std::optional<WriteError> write_error() const;

  // Raw documents, beside the series: see documents.h. Lives as long as the
  // store.
  DocumentArchive& documents() const { return *documents_; }

  // The engine below, for the room upkeep/.
  Engine& engine() const { return *engine_; }

  // Calls `listener` after every commit, on the committing thread: keep it
  // short, and do not commit from it. The listener is removed when the handle
  // is destroyed, which waits for a call under way.
  class Subscription {
   public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class Store;
    Subscription(std::shared_ptr<Listeners> listeners, uint64_t id);

    const std::shared_ptr<Listeners> listeners_;
    const uint64_t id_;
  };
  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(
      std::function<void(const CommitNotice&)> listener);

 private:
  Store(std::unique_ptr<Engine> engine, std::string identity,
        std::unique_ptr<CommitWriter> writer, Clock* clock,
        const Options& options);

  // The newest state at a commit.
  struct State {
    CommitNumber commit = 0;
    CommitNumber series_commit = 0;
    std::shared_ptr<const Snapshot> snapshot;
  };

  // Returns the number of the commit that must be on the disk before the batch
  // is acknowledged.
  absl::StatusOr<CommitNumber> Append(const Batch& batch, CommitResult* result);
  absl::Status AwaitSync(CommitNumber commit);
  // Syncs what was appended so far, and shows it to readers. Only one thread at
  // a time does: the one that set syncing_.
  void SyncAppended() ABSL_LOCKS_EXCLUDED(sync_mutex_);
  // Keeps what came of a write, and tells of an error that is final.
  void NoteWrite(const absl::Status& status) ABSL_LOCKS_EXCLUDED(error_mutex_);

  const std::unique_ptr<Engine> engine_;
  const std::string identity_;
  Clock* const clock_;
  const std::function<void(const absl::Status&)> on_final_error_;
  ClockGuard guard_;
  const std::unique_ptr<DocumentArchive> documents_;
  const std::shared_ptr<Listeners> listeners_;

  // Held while a batch is prepared and appended to the log. The next one is
  // prepared while the log is synced, and one sync serves all that wait.
  absl::Mutex commit_mutex_;
  std::unique_ptr<CommitWriter> writer_ ABSL_GUARDED_BY(commit_mutex_);

  absl::Mutex sync_mutex_;
  bool syncing_ ABSL_GUARDED_BY(sync_mutex_) = false;
  // Once the log failed, no commit is acknowledged until the store is reopened.
  absl::Status sync_error_ ABSL_GUARDED_BY(sync_mutex_);
  CommitNumber synced_ ABSL_GUARDED_BY(sync_mutex_) = 0;

  // Held for an instant, so that readers never wait for a commit.
  mutable absl::Mutex state_mutex_;
  State appended_ ABSL_GUARDED_BY(state_mutex_);
  // Of the commits that were appended and are not published yet, in order.
  std::vector<CommitNotice> notices_ ABSL_GUARDED_BY(state_mutex_);
  // What readers see: synced.
  State published_ ABSL_GUARDED_BY(state_mutex_);

  mutable absl::Mutex error_mutex_;
  std::optional<WriteError> write_error_ ABSL_GUARDED_BY(error_mutex_);
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_STORE_H_
