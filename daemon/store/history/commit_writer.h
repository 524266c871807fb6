// Turns batches into what the engine writes, all or nothing.
//
// Belongs to one thread at a time: the store calls it under its commit lock.
// Errors are those of Store::Commit.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_COMMIT_WRITER_H_
#define HEADWAY_DAEMON_STORE_HISTORY_COMMIT_WRITER_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/base/clock.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/series_cache.h"
#include "daemon/store/history/timeline.h"
#include "daemon/store/types.h"

namespace headway::store {

class CommitWriter {
 public:
  // Goes on behind the last commit that `view` holds. `clock` gives recorded_at
  // and must outlive the writer.
  static absl::StatusOr<CommitWriter> Create(const RocksView& view,
                                             Clock* clock,
                                             const StoreOptions& options);

  CommitNumber last_commit() const { return last_commit_; }

  // Puts into `out` what `batch` changes against `present`, the newest state
  // there is. If that is nothing, `out` stays empty, and the number in the
  // result is that of the last commit.
  absl::StatusOr<CommitResult> Prepare(const Batch& batch,
                                       const RocksView& present,
                                       RocksBatch* out);
  // Says that the engine took what was prepared last; otherwise the next call
  // prepares as if it had never been.
  void Accept();

 private:
  // The updates of one series, in the order given, and what became of them.
  struct Group {
    std::string key;
    const series::SeriesInfo* info = nullptr;  // the last one given
    std::vector<const VintageUpdate*> updates;
    CachedSeries series;
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
  // Enters the series if it is new, and its description if that changed.
  absl::Status Describe(const RocksView& present, Group* group,
                        RocksBatch* out);
  // By several threads if there are many.
  static void ApplyAll(const CommitContext& context, const RocksView& present,
                       const StoreOptions& options, absl::Span<Group> groups,
                       RocksBatch* out);

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

#endif  // HEADWAY_DAEMON_STORE_HISTORY_COMMIT_WRITER_H_
