// VictoriaMetrics beside the store: the present state only, over HTTP on
// loopback. It keeps a partition a month and an index a day, so months are the
// worst that can be given to it; for what its engine can do, the same points
// are measured with a period a minute, too.
#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/store/bench.h"
#include "tools/bench/store/real_data.h"
#include "tools/bench/store/store_runs.h"
#include "tools/bench/store/victoria_metrics.h"

namespace headway::bench {
namespace {

constexpr int kMostReads = 1000;

// Milliseconds since 1970 of a period.
using ToMillis = std::function<int64_t(series::Period)>;

int64_t FirstDayMillis(series::Period period) {
  return absl::ToUnixMillis(
      absl::FromCivil(series::FirstDay(period), absl::UTCTimeZone()));
}

int64_t MinuteMillis(series::Period period) {
  return (int64_t{25'000'000} + period.ordinal) * 60'000;
}

// Also what a selector of it looks like, but for colons and braces.
nlohmann::ordered_json ToMetric(const series::SeriesKey& key) {
  nlohmann::ordered_json metric = {{"__name__", key.metric}};
  for (const auto& [name, value] : key.labels.pairs()) metric[name] = value;
  return metric;
}

std::string ToLine(const series::SeriesKey& key,
                   const std::vector<int32_t>& ordinals,
                   const std::vector<double>& values,
                   const ToMillis& to_millis) {
  std::string line =
      absl::StrCat("{\"metric\":", ToMetric(key).dump(), ",\"values\":[");
  char text[32];
  for (double value : values) {
    // The shortest that reads back as the same bits.
    const auto end = std::to_chars(text, text + sizeof(text), value);
    absl::StrAppend(&line, absl::string_view(text, end.ptr - text), ",");
  }
  line.back() = ']';
  absl::StrAppend(&line, ",\"timestamps\":[");
  for (int32_t ordinal : ordinals) {
    absl::StrAppend(&line, to_millis({key.frequency, ordinal}), ",");
  }
  line.back() = ']';
  return absl::StrCat(line, "}\n");
}

std::string ToLines(const store::Batch& batch, const ToMillis& to_millis) {
  std::string lines;
  for (const store::VintageUpdate& update : batch.updates) {
    lines += ToLine(update.info.key, update.ordinals, update.values, to_millis);
  }
  return lines;
}

// {__name__="m",a="x"}, percent-encoded.
std::string ToQuery(const series::SeriesKey& key) {
  std::string selector = absl::StrCat("{__name__=\"", key.metric, "\"");
  for (const auto& [name, value] : key.labels.pairs()) {
    absl::StrAppend(&selector, ",", name, "=\"", value, "\"");
  }
  return absl::StrReplaceAll(
      absl::StrCat(selector, "}"),
      {{"{", "%7B"}, {"}", "%7D"}, {"\"", "%22"}, {"=", "%3D"}});
}

absl::StatusOr<Scan> ReadExport(const std::string& lines) {
  Scan scan;
  for (absl::string_view line :
       absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const auto json = nlohmann::json::parse(line.begin(), line.end(), nullptr,
                                            /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("values")) {
      return absl::InternalError("victoria-metrics: an export is no JSON");
    }
    for (const auto& value : json["values"]) {
      scan.sum += value.is_number() ? value.get<double>() : 0;
      ++scan.points;
    }
  }
  return scan;
}

class VictoriaRun {
 public:
  VictoriaRun(Bench& bench, std::string peer, int series, ToMillis to_millis)
      : bench_(bench),
        report_(*bench.report),
        peer_(std::move(peer)),
        set_(bench.Synthetic(series)),
        to_millis_(std::move(to_millis)) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(server_,
                     VictoriaMetrics::Start(bench_.directory.Sub(peer_)));
    RETURN_IF_ERROR(ImportAll());
    RETURN_IF_ERROR(server_->FlushAndMerge());
    if (bench_.Does("reads")) RETURN_IF_ERROR(ReadCurrent());
    if (bench_.Does("scan")) RETURN_IF_ERROR(ScanCurrent());
    if (bench_.Does("ingest")) {
      report_.AddPeer("memory_peak_mb.ingest", peer_,
                      PeakMemoryMb(server_->pid()),
                      "the server, ingest and scan");
    }
    ASSIGN_OR_RETURN(const int64_t bytes, server_->DataBytes());
    if (bench_.Does("bytes")) {
      report_.AddPeer(
          "bytes_per_point.synthetic", peer_,
          static_cast<double>(bytes) /
              (static_cast<double>(set_.options().series) * set_.months()),
          absl::StrFormat("%d bytes of data and index after a "
                          "merge; one vintage only, %s",
                          bytes, Share()));
    }
    return absl::OkStatus();
  }

 private:
  std::string Share() const {
    return absl::StrCat(set_.options().series, " series");
  }

  // Posts all batches.
  absl::StatusOr<Work> Import() {
    Work work;
    for (int i = 0; i < set_.NumWholeBatches(); ++i) {
      const store::Batch batch = set_.MakeWholeBatch(i, 0);
      const std::string lines = ToLines(batch, to_millis_);
      const Stopwatch stopwatch;
      RETURN_IF_ERROR(server_->Import(lines));
      work.seconds += stopwatch.Seconds();
      work.points += NumPoints(batch);
    }
    return work;
  }

  absl::Status ImportAll() {
    ASSIGN_OR_RETURN(const Work first, Import());
    if (bench_.Does("ingest")) {
      report_.AddPeer("ingest_points_per_s", peer_, first.PointsPerSecond(),
                      absl::StrCat("/api/v1/import of JSON lines, one vintage, "
                                   "acknowledged before it is on the disk, ",
                                   Share()));
    }
    if (!bench_.Does("unchanged")) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Work again,
                     Fastest<Work>([this] { return Import(); }));
    report_.AddPeer("unchanged_points_per_s", peer_, again.PointsPerSecond(),
                    absl::StrCat("the same import again, stored once more "
                                 "until a merge, ",
                                 Share()));
    return absl::OkStatus();
  }

  // A path that gives the whole series. With a period a minute a range query is
  // faster than an export.
  std::string ReadPath(int series) const {
    const std::string query = ToQuery(set_.Info(series).key);
    const int64_t first = Millis(0) / 1000;
    const int64_t second = Millis(1) / 1000;
    if (second - first != 60) {
      return absl::StrCat("/api/v1/export?match[]=", query, "&start=0");
    }
    return absl::StrCat("/api/v1/query_range?query=", query, "&start=", first,
                        "&end=", Millis(set_.months() - 1) / 1000, "&step=60");
  }

  int64_t Millis(int month) const {
    const store::Batch batch = set_.MakeWholeBatch(0, 0);
    return to_millis_(
        {series::Frequency::kMonthly, batch.updates[0].ordinals[month]});
  }

  absl::Status ReadCurrent() {
    const int reads = std::min(kMostReads, bench_.reads / 100);
    const int count = std::min(reads, set_.options().series);
    std::vector<std::string> paths;
    for (int i = 0; i < count; ++i) paths.push_back(ReadPath(i));
    const auto read = [&](int place, uint64_t) {
      return server_->Get(paths[place]).status();
    };
    RETURN_IF_ERROR(ReadTimes(count, count, bench_.seed, read).status());
    ASSIGN_OR_RETURN(const std::vector<double> times,
                     ReadTimes(count, reads, bench_.seed + 1, read));
    report_.AddPeer("current_read_us", peer_, Percentile(times, 0.5) * 1e6,
                    absl::StrCat("median; over HTTP on loopback, JSON not "
                                 "parsed, ",
                                 Share()));
    return absl::OkStatus();
  }

  absl::StatusOr<double> SecondsToGet(const std::string& path,
                                      std::string* body) {
    ASSIGN_OR_RETURN(const Scan fastest,
                     Fastest<Scan>([&]() -> absl::StatusOr<Scan> {
                       Scan scan;
                       const Stopwatch stopwatch;
                       ASSIGN_OR_RETURN(*body, server_->Get(path));
                       scan.seconds = stopwatch.Seconds();
                       return scan;
                     }));
    return fastest.seconds;
  }

  absl::Status ScanCurrent() {
    const std::string query = absl::StrCat(
        "?match[]=%7B__name__%3D%22", set_.options().metric, "%22%7D&start=0");
    std::string lines;
    ASSIGN_OR_RETURN(const double seconds,
                     SecondsToGet("/api/v1/export" + query, &lines));
    std::string blocks;
    ASSIGN_OR_RETURN(const double native_seconds,
                     SecondsToGet("/api/v1/export/native" + query, &blocks));
    ASSIGN_OR_RETURN(const Scan scan, ReadExport(lines));
    const bool whole = set_.options().series == bench_.peer_series;
    if (scan.points != int64_t{set_.months()} * set_.options().series ||
        (whole && !bench_.current_scan.Agrees(scan))) {
      return absl::InternalError(absl::StrCat(
          peer_, " and the store answer differently: ", scan.points,
          " points, sum ", scan.sum));
    }
    const double points = static_cast<double>(scan.points);
    report_.AddPeer("scan_points_per_s.current", peer_, points / seconds,
                    absl::StrFormat("/api/v1/export, JSON not parsed, both "
                                    "cores, %s; as compressed blocks, not "
                                    "decoded: %.0f points/s",
                                    Share(), points / native_seconds));
    return absl::OkStatus();
  }

  Bench& bench_;
  Report& report_;
  const std::string peer_;
  const SyntheticSet set_;
  const ToMillis to_millis_;
  std::unique_ptr<VictoriaMetrics> server_;
};

// The last state of every series of real data.
absl::Status WeighWithVictoria(Bench& bench, const DataSet& set,
                               const std::string& peer,
                               const ToMillis& to_millis) {
  ASSIGN_OR_RETURN(const std::unique_ptr<VictoriaMetrics> server,
                   VictoriaMetrics::Start(
                       bench.directory.Sub(absl::StrCat(peer, ".", set.name))));
  int64_t points = 0;
  int64_t too_early = 0;
  std::string lines;
  for (const auto& [key, column] : LastState(set.batches)) {
    std::vector<int32_t> ordinals;
    std::vector<double> values;
    for (const auto& [ordinal, value] : column) {
      if (to_millis({key.frequency, ordinal}) < 0) {
        ++too_early;  // it knows no time before 1970
        continue;
      }
      ordinals.push_back(ordinal);
      values.push_back(value);
    }
    if (values.empty()) continue;
    points += static_cast<int64_t>(values.size());
    lines += ToLine(key, ordinals, values, to_millis);
  }
  RETURN_IF_ERROR(server->Import(lines));
  RETURN_IF_ERROR(server->FlushAndMerge());
  ASSIGN_OR_RETURN(const int64_t bytes, server->DataBytes());
  bench.report->AddPeer(
      absl::StrCat("bytes_per_point.", set.name), peer,
      static_cast<double>(bytes) / static_cast<double>(points),
      absl::StrFormat("%d bytes of data and index / %d points, one vintage "
                      "only; %d points before 1970 left out",
                      bytes, points, too_early));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunVictoria(Bench& bench) {
  const std::string minutes = "victoria-metrics (a period a minute)";
  const std::string months = "victoria-metrics";
  RETURN_IF_ERROR(
      VictoriaRun(bench, minutes, bench.peer_series, MinuteMillis).Run());
  RETURN_IF_ERROR(VictoriaRun(bench, months,
                              std::max(1, bench.peer_series / 20),
                              FirstDayMillis)
                      .Run());
  for (const DataSet& set : bench.data_sets) {
    // Of the parts of trade, all of it is enough.
    if (set.name != "trade" && set.name != "tsmc" && set.name != "epoch") {
      continue;
    }
    RETURN_IF_ERROR(WeighWithVictoria(bench, set, minutes, MinuteMillis));
    RETURN_IF_ERROR(WeighWithVictoria(bench, set, months, FirstDayMillis));
  }
  return absl::OkStatus();
}

}  // namespace headway::bench
