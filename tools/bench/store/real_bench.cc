// Bytes a point on the real data: in, to rest, on the scales.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"
#include "tools/bench/store/noise_floor.h"
#include "tools/bench/store/real_data.h"
#include "tools/bench/store/store_runs.h"
#include "tools/bench/store/table_files.h"

namespace headway::bench {
namespace {

constexpr double kMostBytesOfTrade = 1.6;

absl::Status Weigh(Bench& bench, const DataSet& set) {
  const std::string path = bench.directory.Sub(absl::StrCat("real.", set.name));
  int64_t delivered = 0;
  int64_t stored = 0;
  size_t series = 0;
  {
    RealClock clock;
    ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                     store::Store::Open(path, &clock, {}));
    for (const store::Batch& batch : set.batches) {
      ASSIGN_OR_RETURN(const store::CommitResult result, store->Commit(batch));
      delivered += NumPoints(batch);
      stored += result.changed_observations;
    }
    ASSIGN_OR_RETURN(const auto entries,
                     store->NewReader()->SelectSeries(series::Selector()));
    series = entries.size();
  }
  ASSIGN_OR_RETURN(const StoreSize size, CompactAndMeasure(path));
  ReportSize(
      *bench.report, set.name, size, stored, delivered,
      absl::StrFormat("%d series in %d commits", series, set.batches.size()),
      set.name == "trade" ? std::optional(kMostBytesOfTrade) : std::nullopt);
  return absl::OkStatus();
}

}  // namespace

void ReportSize(Report& report, const std::string& name, const StoreSize& size,
                int64_t stored, int64_t delivered, const std::string& what,
                std::optional<double> most) {
  const auto per = [](int64_t bytes, int64_t points) {
    return static_cast<double>(bytes) / static_cast<double>(points);
  };
  report.Add(
      absl::StrCat("bytes_per_point.", name), per(size.table_bytes, stored),
      "bytes",
      absl::StrFormat(
          "%d bytes of table files / %d points stored; %s; of that the keys "
          "and values of vintages and current: %.3f a point, the constant "
          "part of RocksDB's %d files the most of the rest; by family: %s",
          size.table_bytes, stored, what, per(size.ValueBytes(), stored),
          size.families.size(), size.Describe()),
      most.has_value() ? std::optional(Report::Target{*most, false})
                       : std::nullopt);
  report.Add(absl::StrCat("bytes_per_point_directory.", name),
             per(size.directory_bytes, stored), "bytes",
             absl::StrFormat("%d bytes of all files of the directory",
                             size.directory_bytes));
  report.Add(absl::StrCat("bytes_per_delivered.", name),
             per(size.table_bytes, delivered), "bytes",
             absl::StrFormat("%d points delivered, news or not", delivered));
}

void LoadReal(Bench& bench) {
  const std::string& data = bench.data_directory;
  std::vector<DataSet>& sets = bench.data_sets;
  std::vector<store::Batch> all_trade;
  const auto add = [&](const std::string& name,
                       absl::StatusOr<std::vector<store::Batch>> batches) {
    if (!batches.ok()) {
      bench.report->Add(
          absl::StrCat("bytes_per_point.", name), std::nullopt, "bytes",
          absl::StrCat("not measured: ", batches.status().message(),
                       "; say where it is with --data"));
      return;
    }
    if (name.rfind("trade.", 0) == 0) {
      all_trade.insert(all_trade.end(), batches->begin(), batches->end());
    }
    sets.push_back({name, *std::move(batches)});
  };
  add("trade.us_census", LoadUsCensus(data));
  add("trade.tracker", LoadTracker(data));
  add("trade.exports_to_china", LoadExportsToChina(data));
  // Only of all of it: a part is another data set.
  if (sets.size() == 3) add("trade", std::move(all_trade));
  add("tsmc", LoadTsmc(data, /*month_by_month=*/true));
  add("tsmc.at_once", LoadTsmc(data, /*month_by_month=*/false));
  add("epoch", LoadEpoch(data));
}

absl::Status RunReal(Bench& bench) {
  for (const DataSet& set : bench.data_sets) {
    RETURN_IF_ERROR(Weigh(bench, set));
    const NoiseFloor floor = ComputeNoiseFloor(LastState(set.batches));
    if (floor.points == 0) continue;
    bench.report->AddPeer(
        absl::StrCat("bytes_per_point.", set.name), "noise floor",
        floor.bytes / static_cast<double>(floor.points),
        absl::StrFormat("no peer: what the noise in %d values of long monthly "
                        "series takes, if all else were free",
                        floor.points));
  }
  return absl::OkStatus();
}

}  // namespace headway::bench
