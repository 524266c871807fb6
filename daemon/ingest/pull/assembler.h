// Assembles what one `read` says into atomic batches.
//
// What lies between two checkpoints is held in memory and committed with the
// second. The instant of a commit is "the time of the read" for all in it:
// taken after the publisher was asked, so that no as_of read sees a value
// before it was there.
//
// Which series a stream delivers is kept in records of RecordKind::kState,
// written in the same commit, so that a complete stream can withdraw what it no
// longer delivers.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_PULL_ASSEMBLER_H_
#define HEADWAY_DAEMON_INGEST_PULL_ASSEMBLER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/protocol/validation.h"
#include "daemon/ingest/pull/assumed_vintages.h"
#include "daemon/series/series_info.h"
#include "daemon/store/store.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

// What was delivered for one checkpoint, besides its batch.
struct Delivery {
  // The batch is all of its stream, ...
  bool complete = false;
  // ... as known at this instant.
  absl::Time known_at;
  // How many values the plugin sent, of which the batch holds what may be news.
  int64_t observations = 0;
};

// Takes the batches: a pull commits them to the store as they come, a replay
// corrects the stored history by them.
class BatchSink {
 public:
  virtual ~BatchSink() = default;

  // The time of the read for what is committed with a checkpoint of `stream`:
  // asked for once a commit, before it is made.
  virtual absl::StatusOr<absl::Time> TimeOfRead(absl::string_view stream) = 0;

  // What is there already of a series. Assumed vintages start from it.
  virtual absl::StatusOr<StoredHistory> StoredVintages(
      const series::SeriesKey& key) = 0;

  virtual absl::StatusOr<store::CommitResult> Commit(
      store::Batch batch, const Delivery& delivery) = 0;
};

class Assembler {
 public:
  // `clock`, `store` (which is only read) and `sink` must outlive the
  // assembler.
  Assembler(store::Provenance provenance, int64_t max_series, Clock* clock,
            const store::Store* store, BatchSink* sink);

  // Takes a series definition, a batch or a checkpoint; anything else is an
  // error.
  absl::Status Handle(const plugin::v1::PluginMessage& message);

  // To be called when the plugin ended well. An error if it delivered
  // observations and no checkpoint at all.
  absl::Status Finish() const;

  // Counts of what was committed.
  int64_t series_count() const {
    return static_cast<int64_t>(committed_series_.size());
  }
  int64_t observations_read() const { return observations_read_; }
  int64_t observations_changed() const { return observations_changed_; }
  // What followed the last checkpoint.
  int64_t observations_pending() const { return pending_observations_; }
  std::vector<store::SeriesId> changed_series() const {
    return {changed_series_.begin(), changed_series_.end()};
  }

 private:
  struct PendingBatch {
    // Index into series_.
    size_t series;
    CheckedBatch batch;
  };

  absl::Status Define(const plugin::v1::SeriesDefinition& definition);
  absl::Status Add(const plugin::v1::ObservationBatch& message);
  absl::Status Commit(const plugin::v1::Checkpoint& checkpoint);

  // Takes the columns of `pending` over.
  absl::Status AppendUpdates(PendingBatch& pending, absl::Time now,
                             std::vector<store::VintageUpdate>& updates);
  // Records new members of `stream`; if it is complete, withdraws the members
  // that are not pending as of `known_at`.
  absl::Status UpdateMembership(absl::string_view stream, bool complete,
                                absl::Time known_at,
                                const store::Reader& reader,
                                store::Batch& batch) const;

  // Counts those of `added` that nobody delivered before; an error if the
  // source then has delivered too many.
  absl::Status CountSeries(const std::vector<const series::SeriesKey*>& added,
                           const store::Reader& reader,
                           store::Batch& batch) const;

  const store::Provenance provenance_;
  // Of one read, and of all that the source ever delivered.
  const int64_t max_series_;
  Clock* const clock_;
  const store::Store* const store_;
  BatchSink* const sink_;

  std::vector<series::SeriesInfo> series_;
  absl::flat_hash_map<std::string, size_t> series_by_id_;
  absl::flat_hash_map<series::SeriesKey, std::string> ids_by_key_;
  // By index into series_; holds until the next commit.
  absl::flat_hash_map<size_t, AssumedVintages> assumed_;

  std::vector<PendingBatch> pending_;
  int64_t pending_observations_ = 0;

  int64_t checkpoints_ = 0;
  std::set<size_t> committed_series_;
  int64_t observations_read_ = 0;
  int64_t observations_changed_ = 0;
  std::set<store::SeriesId> changed_series_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_ASSEMBLER_H_
