// SQLite beside the store: the same batches, the same durability, the same
// questions, on the first `peer_series` of the synthetic series.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"
#include "tools/bench/store/sqlite_store.h"
#include "tools/bench/store/store_runs.h"

namespace headway::bench {
namespace {

constexpr char kSqlite[] = "sqlite";

class SqliteRun {
 public:
  explicit SqliteRun(Bench& bench)
      : bench_(bench),
        report_(*bench.report),
        set_(bench.Synthetic(bench.peer_series)),
        path_(bench.directory.Sub("synthetic.sqlite")) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(store_, SqliteStore::Open(path_));
    RETURN_IF_ERROR(IngestSet());
    if (bench_.Does("unchanged")) RETURN_IF_ERROR(DeliverUnchanged());
    if (bench_.Does("bytes")) {
      ASSIGN_OR_RETURN(const int64_t bytes, store_->CompactAndMeasure());
      report_.AddPeer("bytes_per_point.synthetic", kSqlite,
                      static_cast<double>(bytes) / points_,
                      absl::StrFormat("%d bytes of the file after VACUUM, %s",
                                      bytes, Share()));
    }
    if (bench_.Does("reads")) RETURN_IF_ERROR(ReadCurrent());
    if (bench_.Does("scan")) RETURN_IF_ERROR(ScanAll());
    store_.reset();
    if (bench_.Does("reads")) RETURN_IF_ERROR(ReadHistory());
    for (const DataSet& set : bench_.data_sets) RETURN_IF_ERROR(Weigh(set));
    return absl::OkStatus();
  }

 private:
  std::string Share() const {
    return absl::StrCat(set_.options().series, " series");
  }

  CommitFn Insert() {
    return [this](const store::Batch& batch) { return store_->Insert(batch); };
  }
  CommitFn InsertChanges() {
    return [this](const store::Batch& batch) {
      return store_->InsertChanges(batch);
    };
  }

  absl::Status IngestSet() {
    ResetPeakMemory();
    ASSIGN_OR_RETURN(const Ingest ingest, IngestAll(set_, Insert(), 1));
    points_ = static_cast<double>(ingest.total().points);
    if (!bench_.Does("ingest")) return absl::OkStatus();
    report_.AddPeer(
        "ingest_points_per_s", kSqlite, ingest.total().PointsPerSecond(),
        absl::StrFormat("INSERT without asking what stands, WAL synced at "
                        "each commit, %s; first load %.0f points/s, revisions "
                        "%.0f points/s",
                        Share(), ingest.first_load.PointsPerSecond(),
                        ingest.revisions.PointsPerSecond()));
    report_.AddPeer("memory_peak_mb.ingest", kSqlite, PeakMemoryMb(),
                    "the whole process");
    return absl::OkStatus();
  }

  absl::Status DeliverUnchanged() {
    ASSIGN_OR_RETURN(const Work work, Fastest<Work>([&] {
                       return DeliverAgain(set_, InsertChanges(), 1);
                     }));
    if (work.stored != 0) return Differs("unchanged points");
    report_.AddPeer(
        "unchanged_points_per_s", kSqlite, work.PointsPerSecond(),
        absl::StrCat("a read of each series, compared here, ", Share()));
    return absl::OkStatus();
  }

  absl::Status ReadCurrent() {
    const int series = std::min(10000, set_.options().series);
    series::Observations column;
    const auto read = [&](int place, uint64_t) {
      return store_->Read(place, absl::InfiniteFuture(), &column);
    };
    for (int i = 0; i < series; ++i) RETURN_IF_ERROR(read(i, 0));
    ASSIGN_OR_RETURN(const std::vector<double> times,
                     ReadTimes(series, bench_.reads / 10, bench_.seed, read));
    report_.AddPeer("current_read_us", kSqlite, Percentile(times, 0.5) * 1e6,
                    absl::StrCat("median; ", Share(),
                                 ", the newest of each period taken by us"));
    return absl::OkStatus();
  }

  absl::Status ScanAll() {
    ResetPeakMemory();
    RETURN_IF_ERROR(ScanOnce("scan_points_per_s", 1, bench_.asof_scan));
    RETURN_IF_ERROR(
        ScanOnce("scan_points_per_s.2_threads", 2, bench_.asof_scan));
    RETURN_IF_ERROR(
        ScanOnce("scan_points_per_s.current", 1, bench_.current_scan));
    report_.AddPeer("memory_peak_mb.scan", kSqlite, PeakMemoryMb(),
                    "the whole process");
    return absl::OkStatus();
  }

  absl::Status ScanOnce(const std::string& metric, int threads,
                        const ExpectedScan& expected) {
    std::vector<std::unique_ptr<SqliteStore>> connections(threads);
    for (auto& connection : connections) {
      ASSIGN_OR_RETURN(connection, SqliteStore::Open(path_));
    }
    const auto scan_once = [&]() -> absl::StatusOr<Scan> {
      std::vector<Scan> parts(threads);
      const Stopwatch stopwatch;
      RETURN_IF_ERROR(RunOnThreads(threads, [&](int thread) -> absl::Status {
        const int series = set_.options().series;
        ASSIGN_OR_RETURN(parts[thread],
                         connections[thread]->ScanRange(
                             series * thread / threads,
                             series * (thread + 1) / threads, expected.as_of));
        return absl::OkStatus();
      }));
      Scan scan;
      scan.seconds = stopwatch.Seconds();
      for (const Scan& part : parts) {
        scan.points += part.points;
        scan.sum += part.sum;
      }
      return scan;
    };
    ASSIGN_OR_RETURN(const Scan scan, Fastest<Scan>(scan_once));
    if (!expected.Agrees(scan)) return Differs(metric);
    report_.AddPeer(metric, kSqlite, scan.PointsPerSecond(),
                    absl::StrFormat("%s, %d points, the store's sum; a "
                                    "connection a thread",
                                    Share(), scan.points));
    return absl::OkStatus();
  }

  absl::Status ReadHistory() {
    for (const SyntheticSet& set : bench_.Histories()) {
      const std::string name =
          absl::StrCat("asof_read_us.", set.options().vintages);
      ASSIGN_OR_RETURN(
          store_, SqliteStore::Open(bench_.directory.Sub(name + ".sqlite")));
      RETURN_IF_ERROR(IngestAll(set, Insert(), 1).status());
      RETURN_IF_ERROR(store_->CompactAndMeasure().status());
      series::Observations column;
      const auto read = [&](int place, uint64_t random) {
        return store_->Read(place, set.InstantInHistory(random), &column);
      };
      const int series = set.options().series;
      RETURN_IF_ERROR(ReadTimes(series, series, bench_.seed, read).status());
      ASSIGN_OR_RETURN(const std::vector<double> times,
                       ReadTimes(series, bench_.reads / 40, bench_.seed, read));
      report_.AddPeer(name, kSqlite, Percentile(times, 0.5) * 1e6,
                      absl::StrCat("median; ", series, " series"));
      store_.reset();
    }
    return absl::OkStatus();
  }

  absl::Status Weigh(const DataSet& set) {
    const std::string path =
        bench_.directory.Sub(absl::StrCat(set.name, ".sqlite"));
    ASSIGN_OR_RETURN(store_, SqliteStore::Open(path));
    int64_t stored = 0;
    for (const store::Batch& batch : set.batches) {
      ASSIGN_OR_RETURN(const int64_t news, store_->InsertChanges(batch));
      stored += news;
    }
    ASSIGN_OR_RETURN(const int64_t bytes, store_->CompactAndMeasure());
    report_.AddPeer(absl::StrCat("bytes_per_point.", set.name), kSqlite,
                    static_cast<double>(bytes) / static_cast<double>(stored),
                    absl::StrFormat("%d bytes of the file after VACUUM / %d "
                                    "points stored",
                                    bytes, stored));
    store_.reset();
    return absl::OkStatus();
  }

  static absl::Status Differs(const std::string& what) {
    return absl::InternalError(
        absl::StrCat("SQLite and the store answer differently: ", what));
  }

  Bench& bench_;
  Report& report_;
  const SyntheticSet set_;
  const std::string path_;
  double points_ = 0;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace

absl::Status RunSqlite(Bench& bench) { return SqliteRun(bench).Run(); }

}  // namespace headway::bench
