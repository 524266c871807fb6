// How a replay corrects the stored history of a source.
//
// The replayed pull now delivers some values that differ from those it
// delivered when it was made. A statement about a period that it made then and
// does not make now is taken back: the period gets the value that it had before
// that pull. Statements that later pulls made at the same known_at stay. The
// history becomes what it would be if the pull had delivered from the start
// what it delivers now.
//
// The provenance of a vintage says which pull it belongs to: its run is that of
// the pull, or, after an earlier replay of the pull, that run with "/replay"
// behind it.
//
// Not thread-safe. Errors are those of the store.
#ifndef HEADWAY_DAEMON_INGEST_PULL_HISTORY_H_
#define HEADWAY_DAEMON_INGEST_PULL_HISTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/ingest/pull/assembler.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/series/series_info.h"
#include "daemon/store/documents.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// The run that the provenance of a replay names.
std::string ReplayRun(absl::string_view run);

class PulledHistory final : public BatchSink {
 public:
  // `pull` is one of `pulls`, all of its source that are known; `store` is only
  // read, as it is now, and must outlive this.
  static absl::StatusOr<std::unique_ptr<PulledHistory>> Load(
      const store::Pull& pull, const std::vector<store::Pull>& pulls,
      const store::Store& store);

  // For the n-th checkpoint of a stream: the time of its n-th checkpoint when
  // the pull was made; for further ones, the time at which the pull ended.
  absl::StatusOr<absl::Time> TimeOfRead(absl::string_view stream) override;
  // The vintages that were there when the pull was made, and those given to
  // Commit.
  absl::StatusOr<StoredHistory> StoredVintages(
      const series::SeriesKey& key) override;
  // Keeps the updates; checkpoints and records are dropped.
  absl::StatusOr<store::CommitResult> Commit(store::Batch batch,
                                             const Delivery& delivery) override;

  struct Correction {
    // For Store::Commit.
    std::vector<store::VintageUpdate> updates;
    // What they change, by series, known_at and period.
    std::vector<ReplayedValue> values;
    // Vintages left as they are, because a later pull delivered there.
    int64_t superseded = 0;
  };
  // The updates that turn the stored history into the corrected one.
  absl::StatusOr<Correction> Correct() const;

 private:
  // Vintages and updates of one series by their known_at.
  struct Moment {
    const store::Vintage* vintage = nullptr;
    std::vector<const store::VintageUpdate*> updates;
  };

  PulledHistory(const store::Pull& pull, std::unique_ptr<store::Reader> reader);

  absl::Status FindTouchedSeries();
  bool IsOwn(const store::Vintage& vintage) const;
  bool IsLater(const store::Vintage& vintage) const;
  // Empty for a series that is not stored yet.
  absl::StatusOr<std::vector<store::Vintage>> VintagesOf(
      const series::SeriesKey& key) const;
  absl::Status CorrectSeries(
      const series::SeriesInfo& info,
      const std::vector<const store::VintageUpdate*>& updates,
      Correction* correction) const;

  const store::Pull pull_;
  const std::unique_ptr<store::Reader> reader_;
  // When the pulls of the source began, by their run; the last one of a run.
  absl::flat_hash_map<std::string, absl::Time> pull_times_;
  // When the last pull before this one that went well had ended.
  absl::Time read_before_ = absl::InfinitePast();
  // Series that the pull, or a replay of it, changed.
  std::map<series::SeriesKey, series::SeriesInfo> touched_;

  std::map<std::string, size_t, std::less<>> checkpoints_;
  std::set<absl::Time> complete_;
  std::vector<store::VintageUpdate> updates_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_HISTORY_H_
