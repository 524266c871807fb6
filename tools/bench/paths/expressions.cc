#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/query/query.h"
#include "daemon/series/period.h"
#include "daemon/store/store.h"
#include "tools/bench/measure.h"
#include "tools/bench/paths/runs.h"

namespace headway::bench {
namespace {

constexpr size_t kPaths = 1000;

// Arithmetic, aggregations, year on year, windows and a running maximum of ten
// indicators.
constexpr char kTen[] =
    "yoy(i0 + i1) + pct_change(rolling_sum(i2 + i3, 12), 12)"
    " + yoy(cummax(i4)) - yoy(rolling_mean(i5 - i6 / 2, 3))"
    " + yoy(i7 + 2 * i8 + i9) / 2 + yoy(sum(x)) - yoy(mean(x))";
constexpr char kLag[] =
    "resample(frontier_lag(max(score{country=\"USA\"}),"
    " max(score{country=\"CHN\"})), \"W\", \"last\")";

int32_t OrdinalOf(absl::string_view period) {
  return series::ParsePeriod(period)->ordinal;
}

store::VintageUpdate UpdateOf(const std::string& metric,
                              std::vector<series::Labels::Pair> labels,
                              series::Frequency frequency) {
  store::VintageUpdate update;
  update.info.key = {metric, series::Labels::Create(std::move(labels)).value(),
                     frequency};
  update.info.unit = series::Unit::Parse("1").value();
  update.known_at =
      absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
  return update;
}

// Ten monthly series of ten years, and two frontiers of 300 models each.
store::Batch Series() {
  store::Batch batch;
  for (int i = 0; i < 10; ++i) {
    store::VintageUpdate& update = batch.updates.emplace_back(
        UpdateOf("x", {{"of", absl::StrCat(i)}}, series::Frequency::kMonthly));
    for (int month = 0; month < 120; ++month) {
      update.ordinals.push_back(OrdinalOf("2016-01") + month);
      update.values.push_back(100 + month + 5 * std::sin(month + i));
    }
  }
  for (int i = 0; i < 600; ++i) {
    store::VintageUpdate& update = batch.updates.emplace_back(UpdateOf(
        "score",
        {{"country", i % 2 == 0 ? "USA" : "CHN"}, {"model", absl::StrCat(i)}},
        series::Frequency::kDaily));
    update.ordinals = {OrdinalOf("2022-12-31") + 3 * (i / 2)};
    update.values = {100 + i / 20.0 - 5 * (i % 2)};
  }
  return batch;
}

// A block of `rows` for each leaf; of daily ones a tenth of the days has a
// value, and paths rise.
query::Futures FuturesOf(const std::vector<query::Leaf>& leaves, size_t rows,
                         size_t paths) {
  query::Futures futures;
  uint64_t seed = 0;
  for (const query::Leaf& leaf : leaves) {
    const series::Observations& x = leaf.column.observations;
    const bool is_daily = x.frequency == series::Frequency::kDaily;
    // The newest of its frontier has the records of all.
    if (is_daily && leaf.column.observations.ordinals[0] <
                        OrdinalOf("2022-12-31") + 3 * 299) {
      continue;
    }
    query::PathBlock block = query::EmptyBlock(
        x.ordinals.back() + 1,
        x.ordinals.back() + 1 + static_cast<int32_t>(rows), paths);
    ++seed;
    for (size_t i = 0; i < block.values.size(); ++i) {
      if (is_daily && forecast::UniformAt(seed, i) > 0.1) continue;
      block.values[i] = x.values.back() + static_cast<double>(i / paths) +
                        2 * forecast::NormalAt(seed, i);
    }
    futures.series[leaf.series] =
        std::make_shared<const query::PathBlock>(std::move(block));
  }
  return futures;
}

// The first path of each block.
query::Futures FirstPaths(const query::Futures& futures) {
  query::Futures first;
  for (const auto& [id, block] : futures.series) {
    query::PathBlock one = {block->first, 1, {}};
    for (size_t row = 0; row < block->rows(); ++row) {
      one.values.push_back(block->Row(row)[0]);
    }
    first.series[id] = std::make_shared<const query::PathBlock>(std::move(one));
  }
  return first;
}

// Milliseconds of processor, the least of some repetitions.
absl::StatusOr<double> Time(const query::Expression& expression,
                            const query::Context& context, int repetitions) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repetitions; ++i) {
    const double before = ThreadCpuSeconds();
    RETURN_IF_ERROR(query::Evaluate(expression, context).status());
    least = std::min(least, 1000 * (ThreadCpuSeconds() - before));
  }
  return least;
}

struct Case {
  const char* metric;
  const char* expression;
  size_t rows;
  double most_ms;
};

absl::Status Measure(const Case& one, const store::Reader& reader, bool quick,
                     Report& report) {
  ASSIGN_OR_RETURN(const query::Expression expression,
                   query::Parse(one.expression));
  query::IndicatorMap indicators;
  for (int i = 0; i < 10; ++i) {
    ASSIGN_OR_RETURN(query::Expression sum,
                     query::Parse(absl::StrCat("sum(x{of=\"", i, "\"})")));
    indicators.emplace(absl::StrCat("i", i),
                       query::IndicatorDefinition{
                           std::move(sum), series::Unit::Parse("1").value()});
  }
  query::Context context;
  context.reader = &reader;
  context.indicators = &indicators;
  ASSIGN_OR_RETURN(const std::vector<query::Leaf> leaves,
                   query::FindLeaves(expression, context));
  query::Futures futures = FuturesOf(leaves, one.rows, kPaths);
  for (const query::Leaf& leaf : leaves) {
    if (leaf.indicator.empty()) continue;
    std::vector<query::Leaf> alone = {leaf};
    futures.indicators[leaf.indicator][leaf.column.labels] =
        FuturesOf(alone, one.rows, kPaths).series.begin()->second;
  }
  context.futures = &futures;
  ASSIGN_OR_RETURN(const double all, Time(expression, context, quick ? 3 : 10));
  report.Add(one.metric, all, "ms",
             absl::StrCat("1,000 paths of ", one.rows, " periods, ",
                          leaves.size(), " columns; processor time"),
             Report::Target{one.most_ms, /*at_least=*/false});
  query::Futures first = FirstPaths(futures);
  for (const auto& [name, blocks] : futures.indicators) {
    query::Futures of;
    of.series[1] = blocks.begin()->second;
    first.indicators[name][blocks.begin()->first] = FirstPaths(of).series[1];
  }
  context.futures = &first;
  ASSIGN_OR_RETURN(const double single, Time(expression, context, 5));
  report.AddPeer(one.metric, "a loop of evaluations", 1000 * single,
                 "one path, times 1,000");
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureExpressions(bool quick, Report& report) {
  ASSIGN_OR_RETURN(const TempDirectory directory,
                   TempDirectory::Create("/tmp"));
  RealClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open(directory.Sub("store"), &clock, {}));
  RETURN_IF_ERROR(store->Commit(Series()).status());
  const std::unique_ptr<store::Reader> reader = store->NewReader();
  RETURN_IF_ERROR(Measure({"paths.ten_indicators_ms", kTen, 24, 50}, *reader,
                          quick, report));
  return Measure({"paths.frontier_lag_ms", kLag, 730, 250}, *reader, quick,
                 report);
}

}  // namespace headway::bench
