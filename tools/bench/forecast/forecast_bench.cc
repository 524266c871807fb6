// forecast_bench: how long forecasts take on the series of the M3 and M4
// competitions, beside R's forecast package and statsforecast.
//
//   forecast_bench                       all sets and methods, 60 series each
//   forecast_bench --quick               5 series each, one pass, without R
//   forecast_bench --methods auto_ets --sets m3_monthly --first 300
//
// One JSON object a line, see report.h. A forecast is the fit and 95 %
// intervals, without a backtest. METHOD is one of Headway's:
//
//   ms_per_series.SET.METHOD            CPU time of one forecast on one thread,
//                                       the mean over the series
//   ms_per_series.SET.METHOD.median     and over them the median
//   ms_per_series.SET.METHOD.longest    and the longest
//   ms_per_series.SET.METHOD.2_threads  wall time over the number of series, on
//                                       two threads
//   noise                               by how much one and the same
//                                       calculation varies here: the longest of
//                                       several runs of it over the shortest
//
// Each is measured in several passes, of which the fastest counts; notes say
// how far the slowest was off. Peers: the times stored with the references,
// taken on another machine of the kind, and R on the first few series in this
// very run. Both are compared with Headway on the same series.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/forecast/competition_flags.h"
#include "tools/bench/forecast/r_timing.h"
#include "tools/bench/forecast/reference_forecasts.h"
#include "tools/bench/forecast/run_forecasts.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"

namespace headway::bench {
namespace {

struct Flags {
  CompetitionFlags competition;
  int passes = 3;
  // That R is timed on; 0 for none.
  int r_series = 5;
};

// The most that a forecast may take, in milliseconds.
std::optional<Report::Target> TargetOf(absl::string_view set,
                                       const std::string& method) {
  static const auto* const targets = new std::map<std::string, double>{
      {"m3_monthly.auto_ets", 4},
      {"m3_monthly.auto_arima", 25},
      {"m3_monthly.dynamic_theta", 0.3},
      {"m3_monthly.auto_ces", 4},
      {"m3_monthly.auto_fast", 1},
      {"m3_monthly.auto", 10},
      {"m4_hourly.mstl", 20},
      {"m4_hourly.flair", 20},
      {"m4_hourly.auto", 20},
  };
  const auto it = targets->find(absl::StrCat(set, ".", method));
  if (it == targets->end()) return std::nullopt;
  return Report::Target{it->second, false};
}

// The same work again and again: what it varies by is not the work's doing.
double MachineNoise() {
  constexpr int kRuns = 20;
  constexpr int kSteps = 2'000'000;
  double shortest = 1e300;
  double longest = 0;
  double sink = 0;
  for (int run = 0; run < kRuns; ++run) {
    const double before = ThreadCpuSeconds();
    double x = 0.5;
    for (int i = 0; i < kSteps; ++i) x = 3.7 * x * (1 - x);
    sink += x;
    const double seconds = ThreadCpuSeconds() - before;
    shortest = std::min(shortest, seconds);
    longest = std::max(longest, seconds);
  }
  return sink > 0 ? longest / shortest : 0;
}

// Of each series the shortest time of all passes, and how far the passes lay
// apart.
struct Times {
  std::vector<double> milliseconds;
  double wall_ms_per_series = 0;
  double slowest_over_fastest = 1;
  int failed = 0;
};

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

Times Measure(const std::vector<CompetitionSeries>& series,
              const forecast::Options& options, ThreadPool* pool, int threads,
              int passes) {
  Times times;
  times.wall_ms_per_series = HUGE_VAL;
  double slowest = 0;
  double fastest = HUGE_VAL;
  for (int pass = 0; pass < passes; ++pass) {
    const ForecastRun run = RunForecasts(series, options, pool, threads);
    const double wall =
        1000 * run.wall_seconds / static_cast<double>(series.size());
    times.wall_ms_per_series = std::min(times.wall_ms_per_series, wall);
    slowest = std::max(slowest, run.MillisecondsPerSeries());
    if (run.MillisecondsPerSeries() < fastest) {
      fastest = run.MillisecondsPerSeries();
      times.milliseconds = run.Milliseconds();
    }
    times.failed = static_cast<int>(std::count_if(
        run.series.begin(), run.series.end(),
        [](const TimedForecast& one) { return !one.forecast.ok(); }));
  }
  times.slowest_over_fastest = slowest / fastest;
  return times;
}

class SpeedRun {
 public:
  SpeedRun(const Flags& flags, const Selection& selection, Report* report)
      : flags_(flags),
        selection_(selection),
        report_(*report),
        pool_({.threads = 1}) {}

  absl::Status RunSet(const CompetitionSet& set) {
    ASSIGN_OR_RETURN(const LoadedSet loaded,
                     LoadCompetition(flags_.competition.data, set, selection_));
    const ReferenceForecasts references(flags_.competition.data, set);
    const absl::StatusOr<RTimes> r_times = TimeRHere(loaded);
    for (const std::string& method : flags_.competition.methods) {
      ASSIGN_OR_RETURN(const forecast::Options options,
                       OptionsFor(set, method, flags_.competition));
      const Times one =
          Measure(loaded.series, options, nullptr, 1, flags_.passes);
      const Times two =
          Measure(loaded.series, options, &pool_, 2, flags_.passes);
      AddOwn(set, method, one, two);
      AddStored(loaded, method, one, references);
      AddR(loaded, method, one, r_times);
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<RTimes> TimeRHere(const LoadedSet& loaded) const {
    const size_t count =
        std::min<size_t>(flags_.r_series, loaded.series.size());
    if (count == 0) return absl::UnavailableError("not asked for");
    return TimeR(loaded.set,
                 absl::MakeConstSpan(loaded.series).subspan(0, count));
  }

  static std::string MetricOf(const CompetitionSet& set,
                              const std::string& method) {
    return absl::StrCat("ms_per_series.", set.name, ".", method);
  }

  void AddOwn(const CompetitionSet& set, const std::string& method,
              const Times& one, const Times& two) {
    const std::string metric = MetricOf(set, method);
    std::string note = absl::StrCat(
        one.milliseconds.size(), " series; wall time ", one.wall_ms_per_series,
        " ms; the slowest of ", flags_.passes, " passes took ",
        one.slowest_over_fastest, " times the fastest");
    if (one.failed > 0) absl::StrAppend(&note, "; ", one.failed, " FAILED");
    report_.Add(metric, Mean(one.milliseconds), "ms", note,
                TargetOf(set.name, method));
    report_.Add(metric + ".median", Percentile(one.milliseconds, 0.5), "ms",
                note);
    report_.Add(metric + ".longest", Percentile(one.milliseconds, 1), "ms",
                note);
    report_.Add(metric + ".2_threads", two.wall_ms_per_series, "ms",
                absl::StrCat(two.milliseconds.size(), " series; CPU time ",
                             Mean(two.milliseconds), " ms"));
  }

  // `seconds_of` tells a peer's time for a series, if it is known.
  template <typename F>
  void AddPeer(const LoadedSet& loaded, const std::string& method,
               const Times& one, absl::string_view peer,
               const std::string& what, F seconds_of) {
    std::vector<double> ours;
    std::vector<double> theirs;
    for (size_t i = 0; i < loaded.series.size(); ++i) {
      const std::optional<double> seconds = seconds_of(loaded.series[i].id);
      if (!seconds) continue;
      ours.push_back(one.milliseconds[i]);
      theirs.push_back(1000 * *seconds);
    }
    if (ours.empty()) return;
    report_.AddPeerOnPart(
        MetricOf(loaded.set, method), peer, Mean(ours), Mean(theirs),
        absl::StrCat(what, "; both on ", ours.size(), " series; median ",
                     Percentile(theirs, 0.5), " ms"));
  }

  void AddStored(const LoadedSet& loaded, const std::string& method,
                 const Times& one, const ReferenceForecasts& references) {
    for (const PeerMethod& peer : PeersOf(method)) {
      AddPeer(loaded, method, one, peer.peer, peer.Describe(),
              [&](const std::string& id) {
                return references.FindSeconds(peer, id);
              });
    }
  }

  void AddR(const LoadedSet& loaded, const std::string& method,
            const Times& one, const absl::StatusOr<RTimes>& times) {
    constexpr absl::string_view kHere = "R forecast, this run";
    for (const PeerMethod& peer : PeersOf(method)) {
      if (peer.peer != "R forecast") continue;
      if (!times.ok()) {
        report_.AddPeerOnPart(MetricOf(loaded.set, method), kHere, std::nullopt,
                              std::nullopt, times.status().message());
        continue;
      }
      const auto of_method = times->find(peer.names[0]);
      if (of_method == times->end()) continue;
      AddPeer(loaded, method, one, kHere, peer.Describe(),
              [&](const std::string& id) {
                const auto it = of_method->second.find(id);
                return it == of_method->second.end()
                           ? std::nullopt
                           : std::optional<double>(it->second);
              });
    }
  }

  const Flags& flags_;
  const Selection selection_;
  Report& report_;
  // One thread beside the calling one.
  ThreadPool pool_;
};

absl::Status Run(Flags& flags) {
  ASSIGN_OR_RETURN(const Selection selection,
                   CheckCompetitionFlags(flags.competition));
  Report report(&std::cout);
  report.Add(
      "noise", MachineNoise(), "times",
      absl::StrCat("the same calculation 20 times, longest over shortest; ",
                   std::thread::hardware_concurrency(), " processors, ",
                   LoadAverage(), " programs ready to run at the start"));
  SpeedRun run(flags, selection, &report);
  for (const CompetitionSet& set : SetsOf(flags.competition)) {
    RETURN_IF_ERROR(run.RunSet(set));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures the speed of forecasts on the M3 and M4 competitions; one JSON "
      "object a line");
  Flags flags;
  flags.competition.first = "60";
  AddCompetitionFlags(
      app,
      absl::StrCat("all but the first ", kQuickSeries,
                   " series of each set, all passes but one, and R"),
      flags.competition);
  app.add_option("--passes", flags.passes, "Of which the fastest counts")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->excludes("--quick");
  app.add_option("--r-series", flags.r_series,
                 "Series of each set that R is timed on; 0 for none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->excludes("--quick");
  CLI11_PARSE(app, argc, argv);
  if (flags.competition.quick) {
    flags.passes = 1;
    flags.r_series = 0;
  }
  const absl::Status status = Run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "forecast_bench: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
