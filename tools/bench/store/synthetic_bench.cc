// Headway on the synthetic set: everything in, the same again, at rest, out.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"
#include "tools/bench/store/store_runs.h"
#include "tools/bench/store/table_files.h"

namespace headway::bench {
namespace {

constexpr char kSubdirectory[] = "synthetic";

std::string Describe(const Work& work) {
  return absl::StrFormat(
      "%d points in %d commits, %.2f s, %.0f points/s, "
      "%.2f s of processors",
      work.points, work.commits, work.seconds, work.PointsPerSecond(),
      work.cpu_seconds);
}

std::string Describe(const Ingest& ingest) {
  return absl::StrCat("first load: ", Describe(ingest.first_load),
                      "; revisions: ", Describe(ingest.revisions), "; ",
                      ingest.total().stored, " points were news; ",
                      absl::StrFormat("%.2f s", ingest.wall_seconds),
                      " with the making of the batches");
}

class SyntheticRun {
 public:
  explicit SyntheticRun(Bench& bench)
      : bench_(bench),
        report_(*bench.report),
        set_(bench.Synthetic(bench.series)),
        path_(bench.directory.Sub(kSubdirectory)) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Open());
    RETURN_IF_ERROR(IngestOnOneThread());
    if (bench_.Does("unchanged")) RETURN_IF_ERROR(DeliverUnchanged());
    store_.reset();
    if (bench_.Does("bytes")) RETURN_IF_ERROR(WeighAtRest());
    if (bench_.Does("reads") || bench_.Does("scan")) {
      RETURN_IF_ERROR(Reopen());
      if (bench_.Does("reads")) RETURN_IF_ERROR(ReadCurrent());
      if (bench_.Does("scan")) RETURN_IF_ERROR(ScanAll());
      reader_.reset();
      store_.reset();
    }
    if (bench_.Does("ingest")) RETURN_IF_ERROR(IngestOnTwoThreads());
    return absl::OkStatus();
  }

 private:
  absl::Status Open() {
    // As the daemon opens it.
    ASSIGN_OR_RETURN(store_,
                     store::Store::Open(path_, &clock_,
                                        {.commit_threads = 2, .pool = &pool_}));
    return absl::OkStatus();
  }

  absl::Status IngestOnOneThread() {
    ResetPeakMemory();
    const double before = MemoryMb();
    ASSIGN_OR_RETURN(const Ingest ingest,
                     IngestAll(set_, CommitTo(store_.get()), 1));
    stored_ = ingest.total().stored;
    delivered_ = ingest.total().points;
    if (!bench_.Does("ingest")) return absl::OkStatus();
    report_.Add("ingest_points_per_s", ingest.total().PointsPerSecond(),
                "points/s", Describe(ingest), Report::Target{3e6});
    report_.Add("memory_peak_mb.ingest", PeakMemoryMb(), "MB",
                absl::StrFormat("the whole process; %.0f MB before", before));
    return absl::OkStatus();
  }

  absl::Status DeliverUnchanged() {
    int days = 0;
    int64_t stored = 0;
    const auto deliver = [&]() -> absl::StatusOr<Work> {
      ASSIGN_OR_RETURN(const Work work,
                       DeliverAgain(set_, CommitTo(store_.get()), ++days));
      stored += work.stored;
      return work;
    };
    ASSIGN_OR_RETURN(const Work first, deliver());
    ASSIGN_OR_RETURN(const Work again, Fastest<Work>(deliver));
    if (stored != 0) {
      return absl::InternalError("unchanged points were stored as news");
    }
    report_.Add("unchanged_points_per_s.first", first.PointsPerSecond(),
                "points/s",
                absl::StrCat("each series whole for the first time: ",
                             Describe(first)));
    report_.Add("unchanged_points_per_s", again.PointsPerSecond(), "points/s",
                absl::StrCat("each series whole once more: ", Describe(again)),
                Report::Target{10e6});
    return absl::OkStatus();
  }

  absl::Status WeighAtRest() {
    ASSIGN_OR_RETURN(const StoreSize size, CompactAndMeasure(path_));
    ReportSize(report_, "synthetic", size, stored_, delivered_,
               absl::StrCat(set_.options().series, " series"), std::nullopt);
    return absl::OkStatus();
  }

  absl::Status Reopen() {
    const Stopwatch stopwatch;
    RETURN_IF_ERROR(Open());
    report_.Add(
        "open_ms", stopwatch.Seconds() * 1e3, "ms",
        absl::StrCat("Store::Open of ", set_.options().series, " series"));
    reader_ = store_->NewReader();
    const Stopwatch selecting;
    ASSIGN_OR_RETURN(ids_, SeriesOf(*reader_, set_.options().metric));
    report_.Add("select_series_per_s",
                static_cast<double>(ids_.size()) / selecting.Seconds(),
                "series/s",
                absl::StrCat("Reader::SelectSeries by metric of all ",
                             ids_.size(), " series"));
    return absl::OkStatus();
  }

  absl::Status ReadCurrent() {
    const int series = std::min<int>(10000, static_cast<int>(ids_.size()));
    int64_t points = 0;
    const auto read = [&](int place, uint64_t) -> absl::Status {
      ASSIGN_OR_RETURN(const series::Observations column,
                       reader_->Read(ids_[place]));
      points += static_cast<int64_t>(column.size());
      return absl::OkStatus();
    };
    for (int i = 0; i < series; ++i) RETURN_IF_ERROR(read(i, 0));
    points = 0;
    ASSIGN_OR_RETURN(const std::vector<double> times,
                     ReadTimes(series, bench_.reads, bench_.seed, read));
    const std::string note = absl::StrFormat(
        "Reader::Read, %d reads of %d series, %.1f points each, one Reader",
        bench_.reads, series, static_cast<double>(points) / bench_.reads);
    report_.Add("current_read_us", Percentile(times, 0.5) * 1e6, "us",
                absl::StrCat("median; ", note), Report::Target{5, false});
    report_.Add("current_read_us.p99", Percentile(times, 0.99) * 1e6, "us",
                absl::StrCat("99th percentile; ", note));
    return absl::OkStatus();
  }

  absl::Status ScanAll() {
    ResetPeakMemory();
    const double before = MemoryMb();
    const absl::Time middle = set_.KnownAt(set_.options().vintages / 2);
    RETURN_IF_ERROR(
        ScanOnce("scan_points_per_s", middle, 1, Report::Target{60e6}));
    RETURN_IF_ERROR(ScanOnce("scan_points_per_s.2_threads", middle, 2,
                             Report::Target{120e6}));
    RETURN_IF_ERROR(ScanOnce("scan_points_per_s.current",
                             absl::InfiniteFuture(), 1, std::nullopt));
    RETURN_IF_ERROR(Expect(middle, &bench_.asof_scan));
    RETURN_IF_ERROR(Expect(absl::InfiniteFuture(), &bench_.current_scan));
    report_.Add("memory_peak_mb.scan", PeakMemoryMb(), "MB",
                absl::StrFormat("the whole process; %.0f MB before", before));
    return absl::OkStatus();
  }

  absl::Status ScanOnce(const std::string& metric, absl::Time as_of,
                        int threads, std::optional<Report::Target> target) {
    ASSIGN_OR_RETURN(const Scan scan, Fastest<Scan>([&] {
                       return ScanMetric(*reader_, set_.options().metric, as_of,
                                         threads, &pool_);
                     }));
    report_.Add(
        metric, scan.PointsPerSecond(), "points/s",
        absl::StrFormat("Reader::Scan by metric; %d points of %d "
                        "series in %.3f s, sum %.6g",
                        scan.points, ids_.size(), scan.seconds, scan.sum),
        target);
    return absl::OkStatus();
  }

  absl::Status Expect(absl::Time as_of, ExpectedScan* expected) {
    // Ids are given in the order of the series.
    const size_t count =
        std::min(ids_.size(), static_cast<size_t>(bench_.peer_series));
    ASSIGN_OR_RETURN(
        const Scan scan,
        ScanSeries(*reader_, absl::MakeConstSpan(ids_).first(count), as_of));
    *expected = {as_of, scan.points, scan.sum};
    return absl::OkStatus();
  }

  absl::Status IngestOnTwoThreads() {
    path_ = bench_.directory.Sub("synthetic_2_threads");
    RETURN_IF_ERROR(Open());
    ASSIGN_OR_RETURN(const Ingest ingest,
                     IngestAll(set_, CommitTo(store_.get()), 2));
    report_.Add("ingest_points_per_s.2_threads",
                ingest.total().PointsPerSecond(), "points/s", Describe(ingest));
    store_.reset();
    return absl::OkStatus();
  }

  Bench& bench_;
  Report& report_;
  const SyntheticSet set_;
  std::string path_;
  RealClock clock_;
  int64_t stored_ = 0;
  int64_t delivered_ = 0;
  ThreadPool pool_{{.threads = 1}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Reader> reader_;
  std::vector<store::SeriesId> ids_;
};

}  // namespace

bool ExpectedScan::Agrees(const Scan& scan) const {
  return scan.points == points &&
         std::abs(scan.sum - sum) <= 1e-9 * std::abs(sum);
}

absl::Status RunSynthetic(Bench& bench) { return SyntheticRun(bench).Run(); }

}  // namespace headway::bench
