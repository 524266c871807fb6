#include "tools/bench/store/sqlite_store.h"

#include <sqlite3.h>

#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

// As much memory as the store's block cache has.
constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 8192;"
    "PRAGMA cache_size = -65536;"
    "PRAGMA mmap_size = 17179869184;"
    "PRAGMA temp_store = MEMORY;";

constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS series("
    "  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    "  frequency INTEGER NOT NULL, unit TEXT, title TEXT, source TEXT);"
    "CREATE TABLE IF NOT EXISTS point("
    "  series INTEGER NOT NULL, period INTEGER NOT NULL,"
    "  known_at INTEGER NOT NULL, value REAL,"
    "  PRIMARY KEY(series, period, known_at)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS checkpoint("
    "  source TEXT, stream TEXT, state TEXT,"
    "  PRIMARY KEY(source, stream)) WITHOUT ROWID;";

int64_t ToMicros(absl::Time time) {
  if (time == absl::InfiniteFuture()) return INT64_MAX;
  return absl::ToUnixMicros(time);
}

}  // namespace

void SqliteStore::Deleter::operator()(sqlite3* db) const { sqlite3_close(db); }
void SqliteStore::Deleter::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& path) {
  std::unique_ptr<SqliteStore> store(new SqliteStore(path));
  sqlite3* db = nullptr;
  // Each connection belongs to one thread.
  const int result = sqlite3_open_v2(
      path.c_str(), &db,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
      nullptr);
  store->db_.reset(db);
  if (result != SQLITE_OK) return store->Error();
  RETURN_IF_ERROR(store->Execute(kSettings));
  RETURN_IF_ERROR(store->Execute(kTables));
  RETURN_IF_ERROR(store->PrepareAll());
  return store;
}

absl::Status SqliteStore::Error() const {
  return absl::InternalError(
      absl::StrCat("SQLite ", path_, ": ", sqlite3_errmsg(db_.get())));
}

absl::Status SqliteStore::Execute(const std::string& sql) {
  const int result =
      sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : Error();
}

absl::StatusOr<SqliteStore::Statement> SqliteStore::Prepare(
    const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(db_.get(), sql.c_str(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return Error();
  return Statement(statement);
}

absl::Status SqliteStore::PrepareAll() {
  ASSIGN_OR_RETURN(insert_point_,
                   Prepare("INSERT OR REPLACE INTO point VALUES(?, ?, ?, ?)"));
  ASSIGN_OR_RETURN(
      insert_series_,
      Prepare("INSERT INTO series(key, frequency, unit, title, source)"
              " VALUES(?, ?, ?, ?, ?)"));
  ASSIGN_OR_RETURN(
      save_checkpoint_,
      Prepare("INSERT OR REPLACE INTO checkpoint VALUES(?, ?, ?)"));
  // In the order of the key; taking the newest of each period here is faster
  // than GROUP BY with max(known_at), which was tried.
  ASSIGN_OR_RETURN(read_, Prepare("SELECT period, value, known_at FROM point"
                                  " WHERE series = ? AND known_at <= ?"
                                  " ORDER BY period, known_at"));
  ASSIGN_OR_RETURN(scan_, Prepare("SELECT series, period, value FROM point"
                                  " WHERE series >= ? AND series < ?"
                                  " AND known_at <= ?"
                                  " ORDER BY series, period, known_at"));
  return absl::OkStatus();
}

absl::Status SqliteStore::Step(sqlite3_stmt* statement) {
  const int result = sqlite3_step(statement);
  sqlite3_reset(statement);
  return result == SQLITE_DONE ? absl::OkStatus() : Error();
}

absl::StatusOr<int64_t> SqliteStore::FindOrAddSeries(
    const series::SeriesInfo& info) {
  const auto it = ids_.find(info.key);
  if (it != ids_.end()) return it->second;
  sqlite3_stmt* const insert = insert_series_.get();
  const auto bind = [&](int place, const std::string& text) {
    sqlite3_bind_text(insert, place, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
  };
  bind(1, absl::StrCat(series::FormatSeriesKey(info.key), "/",
                       series::FrequencyName(info.key.frequency)));
  sqlite3_bind_int(insert, 2, static_cast<int>(info.key.frequency));
  bind(3, info.unit.ToString());
  bind(4, info.title);
  bind(5, info.source_name);
  RETURN_IF_ERROR(Step(insert));
  const int64_t id = sqlite3_last_insert_rowid(db_.get());
  ids_.emplace(info.key, id);
  return id;
}

absl::Status SqliteStore::InsertPoint(int64_t series, int32_t ordinal,
                                      int64_t known_at, const double* value) {
  sqlite3_stmt* const insert = insert_point_.get();
  sqlite3_bind_int64(insert, 1, series);
  sqlite3_bind_int(insert, 2, ordinal);
  sqlite3_bind_int64(insert, 3, known_at);
  if (value != nullptr) {
    sqlite3_bind_double(insert, 4, *value);
  } else {
    sqlite3_bind_null(insert, 4);
  }
  return Step(insert);
}

absl::Status SqliteStore::SaveCheckpoints(const store::Batch& batch) {
  for (const store::Checkpoint& checkpoint : batch.checkpoints) {
    int place = 0;
    for (const std::string* text :
         {&checkpoint.source, &checkpoint.stream, &checkpoint.state}) {
      sqlite3_bind_text(save_checkpoint_.get(), ++place, text->data(),
                        static_cast<int>(text->size()), SQLITE_TRANSIENT);
    }
    RETURN_IF_ERROR(Step(save_checkpoint_.get()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SqliteStore::InTransaction(
    const store::Batch& batch,
    const std::function<absl::StatusOr<int64_t>(const store::VintageUpdate&)>&
        insert) {
  RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  int64_t points = 0;
  for (const store::VintageUpdate& update : batch.updates) {
    ASSIGN_OR_RETURN(const int64_t inserted, insert(update));
    points += inserted;
  }
  RETURN_IF_ERROR(SaveCheckpoints(batch));
  RETURN_IF_ERROR(Execute("COMMIT"));
  return points;
}

absl::StatusOr<int64_t> SqliteStore::Insert(const store::Batch& batch) {
  return InTransaction(
      batch,
      [this](const store::VintageUpdate& update) -> absl::StatusOr<int64_t> {
        ASSIGN_OR_RETURN(const int64_t id, FindOrAddSeries(update.info));
        const int64_t known_at = ToMicros(update.known_at);
        for (size_t i = 0; i < update.ordinals.size(); ++i) {
          RETURN_IF_ERROR(
              InsertPoint(id, update.ordinals[i], known_at, &update.values[i]));
        }
        return static_cast<int64_t>(update.ordinals.size());
      });
}

absl::StatusOr<int64_t> SqliteStore::InsertChanges(const store::Batch& batch) {
  return InTransaction(batch, [this](const store::VintageUpdate& update) {
    return InsertChangesOf(update);
  });
}

absl::StatusOr<int64_t> SqliteStore::InsertChangesOf(
    const store::VintageUpdate& update) {
  ASSIGN_OR_RETURN(const int64_t id, FindOrAddSeries(update.info));
  const int64_t known_at = ToMicros(update.known_at);
  series::Observations column;
  RETURN_IF_ERROR(ReadSeries(id, update.known_at, &column));
  int64_t news = 0;
  const std::set<int32_t> withdrawn(update.withdrawn.begin(),
                                    update.withdrawn.end());
  // Both rise by period.
  size_t stands = 0;
  const auto withdraw_before = [&](int64_t ordinal) -> absl::Status {
    for (; stands < column.size() && column.ordinals[stands] < ordinal;
         ++stands) {
      if (!update.snapshot && withdrawn.count(column.ordinals[stands]) == 0) {
        continue;
      }
      RETURN_IF_ERROR(
          InsertPoint(id, column.ordinals[stands], known_at, nullptr));
      ++news;
    }
    return absl::OkStatus();
  };
  for (size_t i = 0; i < update.ordinals.size(); ++i) {
    RETURN_IF_ERROR(withdraw_before(update.ordinals[i]));
    if (stands < column.size() &&
        column.ordinals[stands] == update.ordinals[i]) {
      if (column.values[stands++] == update.values[i]) continue;
    }
    RETURN_IF_ERROR(
        InsertPoint(id, update.ordinals[i], known_at, &update.values[i]));
    ++news;
  }
  RETURN_IF_ERROR(withdraw_before(INT64_MAX));
  return news;
}

absl::Status SqliteStore::Read(int place, absl::Time as_of,
                               series::Observations* column) {
  return ReadSeries(place + 1, as_of, column);
}

absl::Status SqliteStore::ReadSeries(int64_t id, absl::Time as_of,
                                     series::Observations* column) {
  column->ordinals.clear();
  column->values.clear();
  sqlite3_stmt* const read = read_.get();
  sqlite3_bind_int64(read, 1, id);
  sqlite3_bind_int64(read, 2, ToMicros(as_of));
  bool withdrawn = false;
  int result;
  while ((result = sqlite3_step(read)) == SQLITE_ROW) {
    const int32_t ordinal = sqlite3_column_int(read, 0);
    if (withdrawn || (!column->empty() && column->ordinals.back() == ordinal)) {
      column->ordinals.pop_back();
      column->values.pop_back();
    }
    column->ordinals.push_back(ordinal);
    column->values.push_back(sqlite3_column_double(read, 1));
    withdrawn = sqlite3_column_type(read, 1) == SQLITE_NULL;
  }
  sqlite3_reset(read);
  if (result != SQLITE_DONE) return Error();
  if (withdrawn) {
    column->ordinals.pop_back();
    column->values.pop_back();
  }
  return absl::OkStatus();
}

absl::StatusOr<Scan> SqliteStore::ScanRange(int first, int end,
                                            absl::Time as_of) {
  const Stopwatch stopwatch;
  Scan scan;
  sqlite3_stmt* const statement = scan_.get();
  sqlite3_bind_int64(statement, 1, first + 1);
  sqlite3_bind_int64(statement, 2, end + 1);
  sqlite3_bind_int64(statement, 3, ToMicros(as_of));
  int64_t series = 0;
  int32_t period = 0;
  double value = 0;
  int result;
  // Nothing is withdrawn in what is scanned.
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    const int64_t row_series = sqlite3_column_int64(statement, 0);
    const int32_t row_period = sqlite3_column_int(statement, 1);
    if (row_series != series || row_period != period) {
      scan.sum += value;
      ++scan.points;
    }
    series = row_series;
    period = row_period;
    value = sqlite3_column_double(statement, 2);
  }
  sqlite3_reset(statement);
  if (result != SQLITE_DONE) return Error();
  scan.sum += value;
  scan.seconds = stopwatch.Seconds();
  return scan;
}

absl::StatusOr<int64_t> SqliteStore::CompactAndMeasure() {
  RETURN_IF_ERROR(
      Execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"
              "ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);"));
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path_, error);
  if (error) return absl::InternalError(error.message());
  return static_cast<int64_t>(bytes);
}

}  // namespace headway::bench
