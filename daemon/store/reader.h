// Reading the store: a consistent view of all of it at one instant.
//
// Thread-safe. Keep a Reader for the length of a query, not longer: it holds
// back the cleaning of old files. It must not outlive its Store. Errors:
// NOT_FOUND for a series or record that is not there, DATA_LOSS for a block
// whose checksum does not hold, and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_READER_H_
#define HEADWAY_DAEMON_STORE_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/series/observations.h"
#include "daemon/series/selector.h"
#include "daemon/series/series_info.h"
#include "daemon/store/types.h"

namespace headway::store {

class View;

class Reader {
 public:
  ~Reader();

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The last commit that this view holds.
  CommitNumber commit() const { return commit_; }
  // As Store::last_series_commit, of this view.
  CommitNumber last_series_commit() const { return series_commit_; }

  // As it was described at `as_of`; before its first description, by that one.
  absl::StatusOr<SeriesEntry> GetSeries(
      SeriesId id, absl::Time as_of = absl::InfiniteFuture()) const;
  absl::StatusOr<SeriesEntry> FindSeries(const series::SeriesKey& key) const;
  // The series that holds what `source` says of `key`: its own where several
  // sources write it, else the one that is read. NOT_FOUND if it says nothing.
  absl::StatusOr<SeriesEntry> FindSeriesOf(const series::SeriesKey& key,
                                           absl::string_view source) const;

  // Whether an import may write the series as it stands in the export: it is
  // new, or imports alone have written it.
  absl::StatusOr<bool> TakesImports(const series::SeriesKey& key) const;

  // Series that the selector matches, by rising key (metric, labels,
  // frequency); at most `limit` of them, after `after` if it is given.
  absl::StatusOr<std::vector<SeriesEntry>> SelectSeries(
      const series::Selector& selector, size_t limit = SIZE_MAX,
      const std::optional<series::SeriesKey>& after = std::nullopt,
      OwnSeries own = OwnSeries::kIfAskedFor) const;

  absl::StatusOr<series::Observations> Read(
      SeriesId id, const ReadOptions& options = {}) const;

  // What stands now; one key, however long the history is.
  absl::StatusOr<SeriesState> ReadState(SeriesId id) const;

  // Reads all series that the selector matches (the sources' own ones as
  // OwnSeries::kIfAskedFor has it), by rising id, in batches of
  // some ten thousand observations (more if series are longer). Calls `sink` on
  // the calling thread, with one batch after the other, which it must not keep;
  // its first error ends the scan and is returned. Memory: eight bytes for each
  // series, and four batches for each thread, however much there is to read.
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

  // kChanges: the statements that differ from the state before the vintage.
  // kAll: every statement, also one that changes nothing because an older
  // vintage with the same statement was inserted later.
  enum class Statements { kChanges, kAll };
  // Every vintage as it is known now, oldest known_at first.
  absl::StatusOr<std::vector<Vintage>> ListVintages(
      SeriesId id, Statements statements = Statements::kChanges) const;

  // stream -> state.
  absl::StatusOr<std::vector<Checkpoint>> GetCheckpoints(
      absl::string_view source) const;

  // Absent if there is none.
  absl::StatusOr<std::optional<std::string>> FindRecord(
      RecordKind kind, absl::string_view key) const;

  // Records whose key starts with `prefix`, strictly beyond `after` in the
  // given order if `after` is not empty; at most `limit`. As (key, value).
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanRecords(
      RecordKind kind, absl::string_view prefix, absl::string_view after = "",
      size_t limit = SIZE_MAX, Order order = Order::kAscending) const;

  // Commits after `after`, oldest first, at most `limit`. One whose entry is
  // damaged is left out, and said in the log.
  absl::StatusOr<std::vector<CommitEntry>> ListCommits(CommitNumber after,
                                                       size_t limit) const;
  // Those of them that changed a series: what follows the series asks for
  // these, and pays nothing for the many that keep a ledger.
  absl::StatusOr<std::vector<CommitEntry>> ListChanges(CommitNumber after,
                                                       size_t limit) const;

 private:
  friend class Store;
  Reader(std::unique_ptr<const View> view, CommitNumber commit,
         CommitNumber series_commit);

  const std::unique_ptr<const View> view_;
  const CommitNumber commit_;
  const CommitNumber series_commit_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_READER_H_
