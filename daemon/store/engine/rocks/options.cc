#include "daemon/store/engine/rocks/options.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "daemon/base/log.h"

namespace headway::store {
namespace {

// In the order of Family. RocksDB insists on "default"; meta lives there.
constexpr const char* kFamilyNames[] = {
    "default", "series",   "keys",         "index",     "vintages",
    "current", "commits",  "checkpoints",  "forecasts", "runs",
    "scores",  "verdicts", "state",        "pulls",     "documents",
    "holders", "bodies",   "descriptions", "changes"};
constexpr absl::string_view kBodiesName = "bodies";
constexpr absl::string_view kBySeriesNames[] = {"series", "vintages",
                                                "current"};

// Of the eight of the number of a series: one hint serves 65,536 of them.
constexpr size_t kHintBytes = 6;

static_assert(std::size(kFamilyNames) == static_cast<size_t>(kLastFamily) + 1);

constexpr uint64_t kMebibyte = uint64_t{1} << 20;
constexpr size_t kMaxLogBytes = size_t{256} << 20;

// RocksDB's own log file would be one thing more that fails when the disk is
// full (and Debian's build aborts when it does). Its warnings go to our log.
class Logger final : public rocksdb::Logger {
 public:
  Logger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char text[1024];
    vsnprintf(text, sizeof(text), format, arguments);
    // It warns so of every backup, which is as it is meant to be.
    if (absl::StrContains(text, "] File Deletions ")) return;
    Log(LogLevel::kWarning, "RocksDB", {{"detail", text}});
  }
};

rocksdb::ColumnFamilyOptions FamilyOptions(
    const std::shared_ptr<rocksdb::Cache>& cache, size_t write_buffer_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Memory for indexes and filters is bounded by the cache, however many
  // series there are.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kZSTD;
  options.write_buffer_size = write_buffer_bytes;
  return options;
}

// Keys start with the number of a series, and a batch puts them nearly in
// order: each goes in beside the last, without a search.
rocksdb::ColumnFamilyOptions SeriesOptions(
    rocksdb::ColumnFamilyOptions options) {
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(kHintBytes));
  return options;
}

// Whole documents, compressed already: kept in files beside the tables, so that
// compactions do not write them again and again.
rocksdb::ColumnFamilyOptions BodiesOptions(
    rocksdb::ColumnFamilyOptions options) {
  options.compression = rocksdb::kNoCompression;
  options.enable_blob_files = true;
  options.min_blob_size = 4096;
  options.enable_blob_garbage_collection = true;
  // Space comes back when a table is written anew. So few keys as these would
  // never see to that.
  options.periodic_compaction_seconds = 7 * 24 * 3600;
  return options;
}

}  // namespace

absl::string_view FamilyName(Family family) {
  return kFamilyNames[static_cast<size_t>(family)];
}

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env,
                                   const RocksEngine::Options& given) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A record torn by a crash at the end of the log was never acknowledged. Any
  // other damage is reported, never skipped: skipping loses acknowledged data.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.db_write_buffer_size = given.write_buffer_bytes;
  options.max_total_wal_size = kMaxLogBytes;
  options.WAL_size_limit_MB =
      (given.keep_log_bytes.value_or(0) + kMebibyte - 1) / kMebibyte;
  options.info_log = std::make_shared<Logger>();
  // Writes come one after the other; RocksDB demands this for insertion hints.
  options.allow_concurrent_memtable_write = false;
  return options;
}

rocksdb::ColumnFamilyOptions OptionsOf(
    absl::string_view family, const std::shared_ptr<rocksdb::Cache>& cache,
    size_t write_buffer_bytes) {
  const rocksdb::ColumnFamilyOptions options =
      FamilyOptions(cache, write_buffer_bytes);
  if (family == kBodiesName) return BodiesOptions(options);
  return absl::c_linear_search(kBySeriesNames, family) ? SeriesOptions(options)
                                                       : options;
}

std::vector<std::string> FamiliesToOpen(rocksdb::Env* env,
                                        const std::string& directory,
                                        bool read_only) {
  std::vector<std::string> names(std::begin(kFamilyNames),
                                 std::end(kFamilyNames));
  std::vector<std::string> on_disk;
  // Fails if there is no store yet; what else is wrong, opening will say.
  rocksdb::DBOptions options;
  options.env = env;
  rocksdb::DB::ListColumnFamilies(options, directory, &on_disk)
      .PermitUncheckedError();
  if (read_only) {
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) {
                                 return !absl::c_linear_search(on_disk, name);
                               }),
                names.end());
  }
  for (std::string& name : on_disk) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace headway::store
