// What a pull says, fitted into a history that went on after it: how a replay
// corrects what was stored.
//
// Whatever the pull said when it was made, and does not say now, is taken back:
// each of those periods gets what stood before. What other pulls said later at
// the same known_at stands. So the history comes out as if the pull had said
// from the start what it says now.
//
// Vintages tell by their provenance whose they are: those of the pull's run,
// and those of earlier replays of it, which name the run with "/replay" behind.
//
// Not thread-safe. Errors are those of the store.
#ifndef HEADWAY_DAEMON_INGEST_HISTORY_H_
#define HEADWAY_DAEMON_INGEST_HISTORY_H_

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
#include "daemon/ingest/assembler.h"
#include "daemon/ingest/plugin_host.h"
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

  // Of the n-th checkpoint of a stream: when its n-th was when the pull was
  // made; of one more, when the pull ended.
  absl::StatusOr<absl::Time> TimeOfRead(absl::string_view stream) override;
  // Those that the pull found, and those given to Commit.
  absl::StatusOr<std::vector<store::Vintage>> StoredVintages(
      const series::SeriesKey& key) override;
  // Keeps the updates; checkpoints and records are dropped.
  absl::StatusOr<store::CommitResult> Commit(store::Batch batch, bool complete,
                                             absl::Time known_at) override;

  struct Correction {
    // For Store::Commit.
    std::vector<store::VintageUpdate> updates;
    // What they change, by series, known_at and period.
    std::vector<ReplayedValue> values;
    // Vintages left as they are, for a later pull spoke there.
    int64_t superseded = 0;
  };
  // What makes the stored history that which the updates kept so far tell of.
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
  // When the pulls of the source began, by their run; of several of one run
  // the last.
  absl::flat_hash_map<std::string, absl::Time> pull_times_;
  // Series that the pull, or a replay of it, changed.
  std::map<series::SeriesKey, series::SeriesInfo> touched_;

  std::map<std::string, size_t, std::less<>> checkpoints_;
  std::set<absl::Time> complete_;
  std::vector<store::VintageUpdate> updates_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_HISTORY_H_
