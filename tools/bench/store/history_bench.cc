// As-of reads of series with 1, 12 and 120 vintages: what a long history of
// revisions costs.
#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
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

// The target: at most this many current reads.
constexpr double kMostCurrentReads = 4;

absl::Status Fill(const std::vector<SyntheticSet>& sets,
                  const std::string& path, Clock* clock) {
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open(path, clock, {}));
  for (const SyntheticSet& set : sets) {
    RETURN_IF_ERROR(IngestAll(set, CommitTo(store.get()), 1).status());
  }
  return absl::OkStatus();
}

absl::Status MeasureSet(Bench& bench, const SyntheticSet& set,
                        const store::Reader& reader) {
  ASSIGN_OR_RETURN(const std::vector<store::SeriesId> ids,
                   SeriesOf(reader, set.options().metric));
  int64_t points = 0;
  const auto read = [&](int place, uint64_t random) -> absl::Status {
    store::ReadOptions options;
    options.as_of = set.InstantInHistory(random);
    ASSIGN_OR_RETURN(const series::Observations column,
                     reader.Read(ids[place], options));
    points += static_cast<int64_t>(column.size());
    return absl::OkStatus();
  };
  const int series = static_cast<int>(ids.size());
  RETURN_IF_ERROR(ReadTimes(series, 4 * series, bench.seed + 1, read).status());
  points = 0;
  const int count = bench.reads / 4;
  ASSIGN_OR_RETURN(const std::vector<double> times,
                   ReadTimes(series, count, bench.seed, read));
  const int vintages = set.options().vintages;
  const std::optional<double> current = bench.report->Value("current_read_us");
  std::optional<Report::Target> target;
  if (vintages == 120 && current.has_value()) {
    target = Report::Target{kMostCurrentReads * *current, false};
  }
  const std::string metric = absl::StrCat("asof_read_us.", vintages);
  const std::string note = absl::StrFormat(
      "Reader::Read at random instants of the history, %d reads of %d series, "
      "%.1f points each",
      count, series, static_cast<double>(points) / count);
  bench.report->Add(metric, Percentile(times, 0.5) * 1e6, "us",
                    absl::StrCat("median; ", note), target);
  bench.report->Add(absl::StrCat(metric, ".p99"), Percentile(times, 0.99) * 1e6,
                    "us", absl::StrCat("99th percentile; ", note));
  return absl::OkStatus();
}

}  // namespace

std::vector<SyntheticSet> Bench::Histories() const {
  std::vector<SyntheticSet> sets;
  for (int vintages : {1, 12, 120}) {
    SyntheticSet::Options options;
    options.seed = seed;
    options.metric = absl::StrCat("history_", vintages);
    options.series = history_series;
    options.vintages = vintages;
    // As of a random instant a series then has 240 months on average.
    options.first_months = 240 - vintages / 2;
    sets.emplace_back(options);
  }
  return sets;
}

absl::Status RunHistory(Bench& bench) {
  const std::vector<SyntheticSet> sets = bench.Histories();
  const std::string path = bench.directory.Sub("history");
  RealClock clock;
  RETURN_IF_ERROR(Fill(sets, path, &clock));
  RETURN_IF_ERROR(CompactAndMeasure(path).status());
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open(path, &clock, {}));
  const std::unique_ptr<store::Reader> reader = store->NewReader();
  for (const SyntheticSet& set : sets) {
    RETURN_IF_ERROR(MeasureSet(bench, set, *reader));
  }
  return absl::OkStatus();
}

}  // namespace headway::bench
