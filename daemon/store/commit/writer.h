// Turns batches into what the engine writes, all or nothing.
//
// Belongs to one thread at a time: the store calls it under its commit lock.
// Errors are those of Store::Commit.
#ifndef HEADWAY_DAEMON_STORE_COMMIT_WRITER_H_
#define HEADWAY_DAEMON_STORE_COMMIT_WRITER_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/base/clock.h"
#include "daemon/store/commit/series_cache.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/types.h"

namespace headway::store {

class CommitWriter {
 public:
  // Continues after the last commit that `view` holds. `clock` gives
  // recorded_at and must outlive the writer.
  static absl::StatusOr<CommitWriter> Create(const View& view, Clock* clock,
                                             const StoreOptions& options);

  CommitNumber last_commit() const { return last_commit_; }
  // InfinitePast before the first commit.
  absl::Time last_recorded_at() const;

  // Writes to `out` the changes that `batch` makes to `present`, which must be
  // the newest state. If it changes nothing, `out` stays empty but for the
  // preconditions, and the number in the result is that of the last commit.
  // After an error `out` must not be used.
  absl::StatusOr<CommitResult> Prepare(const Batch& batch, const View& present,
                                       WriteBatch* out);
  // Call this once the engine has written the batch that was prepared last.
  // Otherwise the next Prepare ignores that batch.
  void Accept();

 private:
  // The updates of one series, in the order given, and what became of them.
  struct Group {
    std::string key;
    const series::SeriesInfo* info = nullptr;  // the last one given
    std::vector<const VintageUpdate*> updates;
    CachedSeries series;
    // As the last one given has it; see HashText.
    uint64_t description = 0;
    // Several sources write the series, by now at least.
    bool contested = false;
    // All of it is to be written as it is.
    bool is_verbatim = false;
    // An import that says nothing that is not there.
    bool is_no_news = false;
    int64_t changed = 0;
    absl::Status status;
  };
  // What becomes true when a batch is accepted.
  struct Pending {
    CommitNumber commit = 0;
    SeriesId last_series = 0;
    Micros recorded_at = 0;
    std::vector<std::pair<std::string, CachedSeries>> series;
  };

  CommitWriter(Clock* clock, const StoreOptions& options);

  static std::vector<Group> GroupBySeries(const Batch& batch);
  // Finds the series, or enters it if it is new.
  absl::Status Find(const View& present, const Batch& batch, Group* group,
                    WriteBatch* out);
  // Keeps the description if it changed, and the source may say so.
  absl::Status Describe(const View& present, const Batch& batch, Group* group,
                        WriteBatch* out);
  // Where an import brings in the own series of a source: marks what is read as
  // contested.
  absl::Status MarkContested(const View& present, std::vector<Group>* groups,
                             WriteBatch* out);
  // Whether others write the series than the one that did so far.
  static absl::StatusOr<bool> IsContested(const CommitContext& context,
                                          const View& present,
                                          const Batch& batch, Group* group);
  // `merge`: also where the sources say nothing new.
  absl::Status ApplyContested(const CommitContext& context, const View& present,
                              const Batch& batch, bool merge, Group* group,
                              std::vector<SeriesId>* own_changed,
                              WriteBatch* out);
  // Merges the contested series of `sources`, whose precedences are new, but
  // for those among `groups`.
  absl::Status MergeAgain(const CommitContext& context, const View& present,
                          const std::vector<std::string>& sources,
                          const std::vector<Group>& groups,
                          CommitResult* result, WriteBatch* out);
  // Uses several threads if there are many groups.
  static void ApplyAll(const CommitContext& context, const View& present,
                       const StoreOptions& options, absl::Span<Group> groups,
                       WriteBatch* out);

  Clock* clock_;
  StoreOptions options_;
  SeriesCache cache_;
  CommitNumber last_commit_ = 0;
  SeriesId last_series_ = 0;
  // Before the first commit, the beginning of time.
  Micros last_recorded_at_ = INT64_MIN;
  Pending pending_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_COMMIT_WRITER_H_
