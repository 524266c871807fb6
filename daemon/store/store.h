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
// later, until the next vintage that says something of its period. A withdrawn
// value is absent from the vintage that withdrew it on.
//
// Commit is atomic and synced: after a crash all of a batch is there or none,
// and what was acknowledged is there. Values unchanged against the state at
// their known_at write nothing; a batch that changes nothing still stores its
// checkpoints and records, and makes no commit if it has none.
//
// Thread-safe. Commits take effect one after another, but share the wait for
// the disk: many threads may commit at once. Reads never wait for them. A
// Reader is a consistent snapshot of the whole store.
//
// Errors: INVALID_ARGUMENT for a malformed batch; NOT_FOUND for an unknown
// series; DATA_LOSS for a block whose checksum does not hold, with the file and
// key; UNAVAILABLE when the directory is locked by another process;
// FAILED_PRECONDITION for a store of a newer format; RESOURCE_EXHAUSTED when
// the disk is full; each says what an operator can do.
#ifndef HEADWAY_DAEMON_STORE_STORE_H_
#define HEADWAY_DAEMON_STORE_STORE_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
#include "absl/types/span.h"
#include "daemon/base/clock.h"
#include "daemon/base/thread_pool.h"
#include "daemon/series/observations.h"
#include "daemon/series/selector.h"
#include "daemon/series/series_info.h"

namespace headway::store {

class CommitWriter;
class DocumentArchive;
class Listeners;
class RocksEngine;
class RocksSnapshot;
class RocksView;

// Given by the store when a series is first written; never reused.
using SeriesId = uint64_t;

// Counts the commits of a store from 1; 0 is before the first.
using CommitNumber = uint64_t;

// Where a batch came from; kept with every vintage it wrote.
struct Provenance {
  std::string source;
  std::string plugin;
  std::string plugin_version;
  std::string plugin_hash;
  std::string run;

  friend bool operator==(const Provenance&, const Provenance&) = default;
  friend auto operator<=>(const Provenance&, const Provenance&) = default;
};

// The periods of which a vintage's silence is a word: see timeline.h.
struct Coverage {
  // All periods: the vintage was given as the whole series.
  bool all = false;
  // Else those from `first` to `last`.
  int32_t first = 0;
  int32_t last = 0;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// What became known of one series at one instant. The series is registered if
// it is new, and its description brought up to date if it changed.
//
// The members from `restated` on make a vintage of another store the same here.
struct VintageUpdate {
  series::SeriesInfo info;
  absl::Time known_at;
  // Same length; ordinals rise strictly; values are finite.
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  // Periods whose value was taken back; rise strictly; none is in ordinals.
  std::vector<int32_t> withdrawn;
  // The update is the whole series: every other period is withdrawn.
  bool snapshot = false;
  // Of the periods above those whose word is kept even where it is no news;
  // rise strictly.
  std::vector<int32_t> restated;
  // What the vintage covers, if it is new; absent: as timeline.h has it.
  std::optional<Coverage> covers;
};

// Where a source goes on at its next pull. Keyed by source and stream.
struct Checkpoint {
  std::string source;
  std::string stream;
  std::string state;
};

// Opaque records beside the series, each table a key space of its own.
enum class Table { kForecasts, kRuns, kScores, kVerdicts, kState };

struct Record {
  Table table = Table::kState;
  std::string key;
  // Empty optional: delete.
  std::optional<std::string> value;
};

// What Commit stores, all or nothing.
struct Batch {
  std::vector<VintageUpdate> updates;
  std::vector<Checkpoint> checkpoints;
  std::vector<Record> records;
  Provenance provenance;
};

struct CommitResult {
  // The last commit before it, if the batch held no news at all.
  CommitNumber commit = 0;
  // Series that got a new value, revision or withdrawal.
  std::vector<SeriesId> changed_series;
  int64_t changed_observations = 0;
};

// One line of the commit log.
struct CommitEntry {
  CommitNumber commit = 0;
  absl::Time recorded_at;
  std::vector<SeriesId> changed_series;
  std::string run;
};

struct SeriesEntry {
  SeriesId id = 0;
  series::SeriesInfo info;
};

struct ReadOptions {
  // Only what was known at this instant.
  absl::Time as_of = absl::InfiniteFuture();
  // Only what was stored by this instant.
  absl::Time recorded_by = absl::InfiniteFuture();
  // Inclusive bounds on the ordinal.
  int32_t first = INT32_MIN;
  int32_t last = INT32_MAX;
};

// What one vintage changed against the state before it, or all that it says.
struct Vintage {
  absl::Time known_at;
  absl::Time recorded_at;
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  std::vector<int32_t> withdrawn;
  Provenance provenance;
  Coverage covers;
};

// The first word that was ever said of a period, and the last.
struct Release {
  int32_t ordinal = 0;
  double first = 0;
  absl::Time first_known_at;
  // A value that was withdrawn and not given again is not in the list.
  double latest = 0;
  absl::Time latest_known_at;
  // How many times another value came after the first.
  int revisions = 0;
};

// Observations of many series, those of series[i] at [begins[i], begins[i + 1])
// of the columns below.
struct ScanBatch {
  std::vector<SeriesId> series;
  std::vector<series::Frequency> frequencies;
  // As series::Observations has it.
  std::vector<absl::Time> known_at;
  std::vector<size_t> begins;
  std::vector<int32_t> ordinals;
  std::vector<double> values;
};

struct ScanOptions {
  ReadOptions read;
  // Threads that work on the scan, the calling one among them; the others are
  // of `pool` and may be fewer when it is busy.
  int threads = 1;
  ThreadPool* pool = nullptr;
};

// A consistent view of the store at one instant. Thread-safe. Keep it for the
// length of a query, not longer: it holds back the cleaning of old files.
// Must not outlive its Store.
class Reader {
 public:
  ~Reader();

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The last commit that this view holds.
  CommitNumber commit() const { return commit_; }

  absl::StatusOr<SeriesEntry> GetSeries(SeriesId id) const;
  absl::StatusOr<SeriesEntry> FindSeries(const series::SeriesKey& key) const;

  // Series that the selector matches, by rising key (metric, labels,
  // frequency); at most `limit` of them, after `after` if it is given.
  absl::StatusOr<std::vector<SeriesEntry>> SelectSeries(
      const series::Selector& selector, size_t limit = SIZE_MAX,
      const std::optional<series::SeriesKey>& after = std::nullopt) const;

  absl::StatusOr<series::Observations> Read(
      SeriesId id, const ReadOptions& options = {}) const;

  // Reads all series that the selector matches, by rising id, in batches of
  // some ten thousand observations (more if series are longer). `sink` is
  // called on the calling thread, with one batch after the other, which it must
  // not keep; its first error ends the scan and is returned. Holds the ids,
  // eight bytes each, and four batches a thread, however much there is to read.
  absl::Status Scan(
      const series::Selector& selector, const ScanOptions& options,
      absl::FunctionRef<absl::Status(const ScanBatch&)> sink) const;
  // The same, of series that are known; `ids` rise strictly.
  absl::Status Scan(
      absl::Span<const SeriesId> ids, const ScanOptions& options,
      absl::FunctionRef<absl::Status(const ScanBatch&)> sink) const;

  // The revision triangle: what was known within the range after each vintage
  // up to `as_of`, oldest first. A vintage that changed nothing within the
  // range is left out.
  absl::StatusOr<std::vector<series::Observations>> ReadTriangle(
      SeriesId id, const ReadOptions& options = {}) const;

  // First release against latest of each period within the range, of what was
  // known at `as_of`.
  absl::StatusOr<std::vector<Release>> CompareReleases(
      SeriesId id, const ReadOptions& options = {}) const;

  // kNews: what differs from the state before the vintage. kAll: what it says,
  // also what is no news since an older vintage was inserted that says the
  // same.
  enum class Words { kNews, kAll };
  // Every vintage as it is known now, oldest known_at first.
  absl::StatusOr<std::vector<Vintage>> ListVintages(
      SeriesId id, Words words = Words::kNews) const;

  // stream -> state.
  absl::StatusOr<std::vector<Checkpoint>> GetCheckpoints(
      absl::string_view source) const;

  // NOT_FOUND if there is none.
  absl::StatusOr<std::string> GetRecord(Table table,
                                        absl::string_view key) const;

  enum class Order { kAscending, kDescending };
  // Records whose key starts with `prefix`, strictly beyond `after` in the
  // given order if `after` is not empty; at most `limit`. As (key, value).
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanRecords(
      Table table, absl::string_view prefix, absl::string_view after = "",
      size_t limit = SIZE_MAX, Order order = Order::kAscending) const;

  // Commits after `after`, oldest first, at most `limit`.
  absl::StatusOr<std::vector<CommitEntry>> ListCommits(CommitNumber after,
                                                       size_t limit) const;

 private:
  friend class Store;
  Reader(std::unique_ptr<const RocksView> view, CommitNumber commit);

  const std::unique_ptr<const RocksView> view_;
  const CommitNumber commit_;
};

class Store {
 public:
  struct Options {
    // Every this many vintages of a series a block holds the whole state.
    int full_block_interval = 16;
    size_t block_cache_bytes = size_t{64} << 20;
    // How many series the writer remembers, some 200 bytes each: those are
    // compared with what a pull delivers by a hash, without a read.
    size_t series_cache_size = size_t{1} << 18;
    // How much of the log is kept for the next backup, which takes from it
    // every commit since the last one (backup.h); 0 is nothing. Empty: all
    // where some was kept before, else nothing, so that whoever opens the store
    // of a daemon for a moment leaves it what it needs.
    std::optional<uint64_t> keep_log_bytes;
    // Threads that prepare a large batch, the committing one among them; the
    // others are of `pool`, which must outlive the store.
    int commit_threads = 1;
    ThreadPool* pool = nullptr;
  };

  // Opens the store in `directory`, making both if they are not there. `clock`
  // gives recorded_at and must outlive the store.
  static absl::StatusOr<std::unique_ptr<Store>> Open(
      const std::string& directory, Clock* clock, const Options& options);

  // The same on an engine that was opened with other options: for tests.
  static absl::StatusOr<std::unique_ptr<Store>> Open(
      std::unique_ptr<RocksEngine> engine, Clock* clock,
      const Options& options);

  ~Store();

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  absl::StatusOr<CommitResult> Commit(const Batch& batch);

  std::unique_ptr<Reader> NewReader() const;

  // The last commit; it can be read as soon as this returns it.
  CommitNumber last_commit() const;

  // Raw documents, beside the series: see documents.h. Lives as long as the
  // store.
  DocumentArchive& documents() const { return *documents_; }

  // What lies below, for the operations of this folder: backup.h, verify.h,
  // stats.h.
  RocksEngine& engine() const { return *engine_; }

  // Calls `listener` after every commit, on the committing thread, with its
  // number: keep it short, and do not commit from it. The listener is removed
  // when the handle is destroyed, which waits for a call under way.
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
      std::function<void(CommitNumber)> listener);

 private:
  Store(std::unique_ptr<RocksEngine> engine,
        std::unique_ptr<CommitWriter> writer);

  // The newest state at a commit.
  struct State {
    CommitNumber commit = 0;
    std::shared_ptr<const RocksSnapshot> snapshot;
  };

  // Returns the number of the commit that must be on the disk before the batch
  // is acknowledged.
  absl::StatusOr<CommitNumber> Append(const Batch& batch, CommitResult* result);
  absl::Status AwaitSync(CommitNumber commit);
  // Syncs what was appended so far, and shows it to readers. Only one thread at
  // a time does: the one that set syncing_.
  void SyncAppended() ABSL_LOCKS_EXCLUDED(sync_mutex_);

  const std::unique_ptr<RocksEngine> engine_;
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
  // What readers see: synced.
  State published_ ABSL_GUARDED_BY(state_mutex_);
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_STORE_H_
