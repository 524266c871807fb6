// Bare RocksDB beside the store: the keys and values that the store has
// written, with its options, without the store. What it takes is what no store
// on RocksDB with this format can do without.
#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"
#include "tools/bench/store/store_runs.h"
#include "tools/bench/store/table_files.h"

namespace headway::bench {
namespace {

constexpr char kRocksDb[] = "rocksdb";
// The families that hold the points. The first has a key a series, written
// anew at each vintage.
constexpr char kHeads[] = "current";
constexpr char kVintages[] = "vintages";

struct Pair {
  rocksdb::ColumnFamilyHandle* family = nullptr;  // of the database written to
  std::string key;
  std::string value;
};

absl::Status BareStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("bare RocksDB: ", status.ToString()));
}

class RocksRun {
 public:
  explicit RocksRun(Bench& bench)
      : bench_(bench),
        report_(*bench.report),
        set_(bench.Synthetic(bench.series)),
        path_(bench.directory.Sub("synthetic")) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(source_, OpenTableFiles(path_, /*read_only=*/true));
    if (source_->Find(kHeads) == nullptr ||
        source_->Find(kVintages) == nullptr) {
      return absl::InternalError("the store's families have other names");
    }
    if (bench_.Does("reads")) RETURN_IF_ERROR(ReadCurrent());
    if (bench_.Does("scan")) RETURN_IF_ERROR(ScanAll());
    if (bench_.Does("ingest") || bench_.Does("unchanged")) {
      ASSIGN_OR_RETURN(copy_,
                       CreateLike(path_, bench_.directory.Sub("bare_rocksdb")));
      if (bench_.Does("ingest")) RETURN_IF_ERROR(WriteAll());
      if (bench_.Does("unchanged")) RETURN_IF_ERROR(WriteCheckpoints());
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadCurrent() {
    rocksdb::ColumnFamilyHandle* const heads = source_->Find(kHeads);
    std::vector<std::string> keys;
    std::unique_ptr<rocksdb::Iterator> it(
        source_->db->NewIterator(rocksdb::ReadOptions(), heads));
    for (it->SeekToFirst(); it->Valid() && keys.size() < 10000; it->Next()) {
      keys.push_back(it->key().ToString());
    }
    std::string value;
    const auto read = [&](int place, uint64_t) {
      return BareStatus(
          source_->db->Get(rocksdb::ReadOptions(), heads, keys[place], &value));
    };
    const int series = static_cast<int>(keys.size());
    for (int i = 0; i < series; ++i) RETURN_IF_ERROR(read(i, 0));
    ASSIGN_OR_RETURN(const std::vector<double> times,
                     ReadTimes(series, bench_.reads, bench_.seed, read));
    report_.AddPeer("current_read_us", kRocksDb, Percentile(times, 0.5) * 1e6,
                    "median; DB::Get of the same value, not decoded");
    return absl::OkStatus();
  }

  absl::Status ScanAll() {
    ASSIGN_OR_RETURN(const double heads, ScanFamilies({kHeads}));
    ASSIGN_OR_RETURN(const double all, ScanFamilies({kHeads, kVintages}));
    const double series = set_.options().series;
    const double asof_points =
        series * (set_.options().first_months + set_.options().vintages / 2);
    report_.AddPeer("scan_points_per_s", kRocksDb, asof_points / all,
                    "all keys and values of current and vintages once, not "
                    "decoded, one thread");
    report_.AddPeer("scan_points_per_s.current", kRocksDb,
                    series * set_.months() / heads,
                    "all keys and values of current once, not decoded");
    return absl::OkStatus();
  }

  // Seconds.
  absl::StatusOr<double> ScanFamilies(const std::vector<std::string>& names) {
    const auto scan_once = [&]() -> absl::StatusOr<Scan> {
      Scan scan;
      const Stopwatch stopwatch;
      for (const std::string& name : names) {
        std::unique_ptr<rocksdb::Iterator> it(source_->db->NewIterator(
            rocksdb::ReadOptions(), source_->Find(name)));
        for (it->SeekToFirst(); it->Valid(); it->Next()) {
          scan.sum += static_cast<double>(it->value().size());
        }
        RETURN_IF_ERROR(BareStatus(it->status()));
      }
      scan.seconds = stopwatch.Seconds();
      return scan;
    };
    ASSIGN_OR_RETURN(const Scan scan, Fastest<Scan>(scan_once));
    return scan.seconds;
  }

  std::vector<Pair> ReadFamily(rocksdb::ColumnFamilyHandle* family) {
    std::vector<Pair> pairs;
    std::unique_ptr<rocksdb::Iterator> it(
        source_->db->NewIterator(rocksdb::ReadOptions(), family));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      pairs.push_back({copy_->Find(family->GetName()), it->key().ToString(),
                       it->value().ToString()});
    }
    return pairs;
  }

  absl::Status WriteAll() {
    const std::vector<Pair> heads = ReadFamily(source_->Find(kHeads));
    std::vector<Pair> others;
    for (rocksdb::ColumnFamilyHandle* family : source_->families) {
      if (family->GetName() == kHeads) continue;
      for (Pair& pair : ReadFamily(family)) others.push_back(std::move(pair));
    }
    // As the store's commits come: by series, those that speak of it each time.
    std::stable_sort(
        others.begin(), others.end(),
        [](const Pair& a, const Pair& b) { return a.key < b.key; });
    const int vintages = set_.options().vintages;
    int64_t commits = 0;
    size_t bytes = 0;
    double seconds = 0;
    for (int v = 0; v < vintages; ++v) {
      const int count = set_.NumBatches(v);
      for (int i = 0; i < count; ++i) {
        rocksdb::WriteBatch batch;
        AddShare(heads, static_cast<double>(i) / count,
                 static_cast<double>(i + 1) / count, &batch);
        const double place = v + static_cast<double>(i) / count;
        AddShare(others, place / vintages, (place + 1.0 / count) / vintages,
                 &batch);
        bytes += batch.GetDataSize();
        ++commits;
        ASSIGN_OR_RETURN(const double took, Write(&batch));
        seconds += took;
      }
    }
    const double points =
        static_cast<double>(set_.points_per_series()) * set_.options().series;
    report_.AddPeer(
        "ingest_points_per_s", kRocksDb, points / seconds,
        absl::StrFormat("%d synced writes of %d bytes in all: each series' "
                        "value of current as it stands at the end at each "
                        "vintage, everything else once",
                        commits, bytes));
    return absl::OkStatus();
  }

  // The pairs from `begin` to `end`, as shares of all.
  static void AddShare(const std::vector<Pair>& pairs, double begin, double end,
                       rocksdb::WriteBatch* batch) {
    const double size = static_cast<double>(pairs.size());
    const size_t last = std::min(pairs.size(), static_cast<size_t>(end * size));
    for (size_t i = static_cast<size_t>(begin * size); i < last; ++i) {
      batch->Put(pairs[i].family, pairs[i].key, pairs[i].value)
          .PermitUncheckedError();
    }
  }

  absl::StatusOr<double> Write(rocksdb::WriteBatch* batch) {
    rocksdb::WriteOptions options;
    options.sync = true;
    const Stopwatch stopwatch;
    RETURN_IF_ERROR(BareStatus(copy_->db->Write(options, batch)));
    return stopwatch.Seconds();
  }

  // All that an unchanged delivery has to make durable.
  absl::Status WriteCheckpoints() {
    const std::string entry(64, 'x');
    int64_t commits = 0;
    const auto write_once = [&]() -> absl::StatusOr<Work> {
      Work work;
      for (int i = 0; i < set_.NumWholeBatches(); ++i) {
        rocksdb::WriteBatch batch;
        batch.Put(copy_->Find("checkpoints"), "census-trade/exports", entry)
            .PermitUncheckedError();
        batch
            .Put(copy_->Find("commits"), absl::StrFormat("%08d", ++commits),
                 entry)
            .PermitUncheckedError();
        ASSIGN_OR_RETURN(const double took, Write(&batch));
        work.seconds += took;
        ++work.commits;
      }
      work.points = int64_t{set_.options().series} * set_.months();
      return work;
    };
    ASSIGN_OR_RETURN(const Work work, Fastest<Work>(write_once));
    report_.AddPeer("unchanged_points_per_s", kRocksDb, work.PointsPerSecond(),
                    absl::StrFormat("%d synced writes of a checkpoint and a "
                                    "commit entry, nothing compared",
                                    work.commits));
    return absl::OkStatus();
  }

  Bench& bench_;
  Report& report_;
  const SyntheticSet set_;
  const std::string path_;
  std::unique_ptr<OpenTables> source_;
  std::unique_ptr<OpenTables> copy_;
};

}  // namespace

absl::Status RunRocks(Bench& bench) { return RocksRun(bench).Run(); }

}  // namespace headway::bench
