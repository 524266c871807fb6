// The same store on SQLite, written for speed: a row for each point under
// (series, period, known_at) without a row id, write-ahead log synced at each
// commit, prepared statements, a transaction a batch. A withdrawn value is a
// row without one.
//
// An object is a connection: it belongs to one thread, and several may be open
// to one file. Errors have SQLite's messages.
#ifndef HEADWAY_TOOLS_BENCH_STORE_SQLITE_STORE_H_
#define HEADWAY_TOOLS_BENCH_STORE_SQLITE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/series/observations.h"
#include "daemon/store/store.h"
#include "tools/bench/store/store_runs.h"

struct sqlite3;
struct sqlite3_stmt;

namespace headway::bench {

class SqliteStore {
 public:
  // Makes the file if it is not there.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path);
  ~SqliteStore();

  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  // Inserts every point; returns the number of points.
  absl::StatusOr<int64_t> Insert(const store::Batch& batch);

  // Reads the current state and inserts what differs from it, withdrawals and
  // what a snapshot leaves out among it; returns the number of points inserted.
  absl::StatusOr<int64_t> InsertChanges(const store::Batch& batch);

  // The series that was the `place`th to be inserted, from 0.
  absl::Status Read(int place, absl::Time as_of, series::Observations* column);

  // Of the series from `first` to before `end`, by place.
  absl::StatusOr<Scan> ScanRange(int first, int end, absl::Time as_of);

  // Puts everything into one file without gaps, and returns its bytes.
  absl::StatusOr<int64_t> CompactAndMeasure();

 private:
  struct Deleter {
    void operator()(sqlite3* db) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Deleter>;

  explicit SqliteStore(std::string path) : path_(std::move(path)) {}

  absl::Status Execute(const std::string& sql);
  absl::StatusOr<Statement> Prepare(const std::string& sql);
  absl::Status PrepareAll();
  absl::Status Step(sqlite3_stmt* statement);
  absl::Status Error() const;

  absl::StatusOr<int64_t> FindOrAddSeries(const series::SeriesInfo& info);
  // No value: withdrawn.
  absl::Status InsertPoint(int64_t series, int32_t ordinal, int64_t known_at,
                           const double* value);
  absl::StatusOr<int64_t> InsertChangesOf(const store::VintageUpdate& update);
  absl::Status ReadSeries(int64_t id, absl::Time as_of,
                          series::Observations* column);
  absl::Status SaveCheckpoints(const store::Batch& batch);
  absl::StatusOr<int64_t> InTransaction(
      const store::Batch& batch,
      const std::function<absl::StatusOr<int64_t>(const store::VintageUpdate&)>&
          insert);

  const std::string path_;
  std::unique_ptr<sqlite3, Deleter> db_;
  Statement insert_point_;
  Statement insert_series_;
  Statement save_checkpoint_;
  Statement read_;
  Statement scan_;
  absl::flat_hash_map<series::SeriesKey, int64_t> ids_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_SQLITE_STORE_H_
