// calibration: whether intervals hold what they say, stratum by stratum.
//
//   calibration                              2,000 series a cell: long
//   calibration --quick                      100 series a cell
//   calibration --methods auto_fast --processes random_walk,poisson04
//   calibration --data DIRECTORY             the competition sets as well
//
// One JSON object a line, see report.h:
//
//   coverage95.PROCESS.nN.hH.METHOD   also 80 and 50; the processes are those
//                                     of processes.h, N the length of the
//                                     series, H the distance. The target is the
//                                     level within 3 points (5 for N below 60)
//                                     and the band of 99 % that chance alone
//                                     allows; for counts and values on bounds
//                                     and for what no method can know, the
//                                     level less 3 points and the band
//   pit.PROCESS.nN.hH.METHOD          counts and values on bounds: the
//                                     probability of a randomised PIT further
//                                     from uniform, if it is uniform
//   coverage95.SET.nall.hH.METHOD     the competition sets
//   within.KIND.METHOD                the share of cells that reach the target;
//                                     KIND is long (N of 60 and more), short,
//                                     atoms or oracle
//   beyond6.KIND.METHOD               the cells that miss it by 6 points more
//                                     than the band
//   ordered.METHOD                    the share of steps with lower <= point <=
//                                     upper at every level, all numbers finite
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/batch.h"
#include "tools/bench/calibration/cells.h"
#include "tools/bench/calibration/processes.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/report.h"

namespace headway::bench {
namespace {

constexpr int kLengths[] = {12, 20, 30, 60, 120, 300, 1000};
constexpr int kDistances[] = {1, 2, 3, 5, 8, 12, 18, 24};
constexpr int kFurthest = 24;
// Below this length the tolerance is wider.
constexpr int kLong = 60;
constexpr double kTolerance = 3;
constexpr double kShortTolerance = 5;
constexpr double kWorst = 6;
constexpr int kQuickSeries = 100;

struct Flags {
  std::vector<std::string> methods = {"auto"};
  std::vector<std::string> processes;
  std::vector<int> lengths;
  int series = 2000;
  bool quick = false;
  int threads = 2;
  std::string data;
};

struct Tally {
  int cells = 0;
  int reached = 0;
  int beyond = 0;
};

// A series with the values that followed.
struct Case {
  std::vector<double> past;
  std::vector<double> actual;
};

class CalibrationRun {
 public:
  CalibrationRun(const Flags& flags, Report* report)
      : flags_(flags),
        report_(*report),
        pool_({.threads = flags.threads - 1}) {}

  void RunProcess(const Process& process, int length) {
    std::vector<Case> cases;
    for (int i = 0; i < flags_.series; ++i) {
      std::vector<double> values =
          DrawSeries(process, length + kFurthest, static_cast<uint64_t>(i));
      Case one;
      one.actual.assign(values.begin() + length, values.end());
      values.resize(length);
      one.past = std::move(values);
      cases.push_back(std::move(one));
    }
    for (const std::string& method : flags_.methods) {
      forecast::Options options = OptionsOf(method, process.season, kFurthest);
      options.bounds = process.bounds;
      if (process.kind == Kind::kAtoms) options.probabilities = FinerGrid();
      for (const auto& [h, cell] : Count(cases, options)) {
        Add(process, length, h, method, cell);
      }
    }
  }

  absl::Status RunSet(const CompetitionSet& set) {
    Selection selection;
    if (flags_.quick) selection.first = kQuickSeries;
    ASSIGN_OR_RETURN(const LoadedSet loaded,
                     LoadCompetition(flags_.data, set, selection));
    std::vector<Case> cases;
    for (const CompetitionSeries& series : loaded.series) {
      cases.push_back({series.past, series.actual});
    }
    for (const std::string& method : flags_.methods) {
      const forecast::Options options =
          OptionsOf(method, set.season, set.horizon);
      for (const auto& [h, cell] : Count(cases, options)) {
        for (int level : kLevels) {
          AddCoverage(absl::StrCat(set.name, ".nall.h", h, ".", method), level,
                      cell, std::nullopt);
        }
      }
    }
    return absl::OkStatus();
  }

  void Summarise() {
    for (const auto& [key, tally] : tallies_) {
      report_.Add(absl::StrCat("within.", key),
                  static_cast<double>(tally.reached) / tally.cells, "share",
                  absl::StrCat(tally.cells, " cells"), Report::Target{0.95});
      report_.Add(absl::StrCat("beyond6.", key), tally.beyond, "cells",
                  absl::StrCat(tally.cells, " cells"),
                  Report::Target{0, false});
    }
    for (const std::string& method : flags_.methods) {
      const auto& [sound, all] = ordered_[method];
      if (all == 0) continue;
      report_.Add(absl::StrCat("ordered.", method),
                  static_cast<double>(sound) / all, "share",
                  absl::StrCat(all, " steps"), Report::Target{1});
    }
  }

 private:
  static forecast::Options OptionsOf(const std::string& method, int season,
                                     int horizon) {
    forecast::Options options;
    options.method = method;
    options.season = season;
    options.horizon = horizon;
    options.probabilities.assign(kProbabilities.begin(), kProbabilities.end());
    options.backtest = false;
    return options;
  }

  // kProbabilities and 0.005, 0.01, ..., in rising order: on atoms the PIT
  // needs to be known closely.
  static std::vector<double> FinerGrid() {
    std::vector<double> grid(kProbabilities.begin(), kProbabilities.end());
    for (int i = 1; i < 200; ++i) {
      const double probability = i / 200.0;
      if (std::none_of(grid.begin(), grid.end(), [&](double known) {
            return std::abs(known - probability) < 1e-9;
          })) {
        grid.push_back(probability);
      }
    }
    std::sort(grid.begin(), grid.end());
    return grid;
  }

  // Of kProbabilities among `all`.
  static std::vector<size_t> Positions(const std::vector<double>& all) {
    std::vector<size_t> positions;
    for (double probability : kProbabilities) {
      positions.push_back(
          std::lower_bound(all.begin(), all.end(), probability) - all.begin());
    }
    return positions;
  }

  // The cells by distance.
  std::map<int, Cell> Count(const std::vector<Case>& cases,
                            const forecast::Options& options) {
    std::vector<forecast::Job> jobs;
    for (const Case& one : cases) jobs.push_back({one.past, &options});
    const auto forecasts =
        forecast::MakeForecasts(jobs, &pool_, flags_.threads);
    std::mt19937_64 generator(1);
    std::uniform_real_distribution<double> uniform;
    const std::vector<size_t> positions = Positions(options.probabilities);
    std::map<int, Cell> cells;
    for (size_t i = 0; i < cases.size(); ++i) {
      // A series too short or constant to forecast is not a forecast.
      if (!forecasts[i].ok()) continue;
      for (int h = 1; h <= options.horizon; ++h) {
        const double value = cases[i].actual[h - 1];
        const std::vector<double>& all = forecasts[i]->quantiles[h - 1];
        std::vector<double> ends;
        for (size_t position : positions) ends.push_back(all[position]);
        CountOrdered(options.method, ends, forecasts[i]->point[h - 1]);
        if (!IsReported(h, options.horizon) || std::isnan(value)) continue;
        cells[h].Add(ends, value);
        cells[h].AddPit(RandomisedPit(options.probabilities, all, value,
                                      uniform(generator)));
      }
    }
    return cells;
  }

  static bool IsReported(int h, int horizon) {
    return std::find(std::begin(kDistances), std::end(kDistances), h) !=
               std::end(kDistances) ||
           h == horizon;
  }

  void CountOrdered(const std::string& method,
                    absl::Span<const double> quantiles, double point) {
    auto& [sound, all] = ordered_[method];
    ++all;
    sound += std::isfinite(quantiles.front()) &&
                     std::isfinite(quantiles.back()) && quantiles[2] <= point &&
                     point <= quantiles[3]
                 ? 1
                 : 0;
  }

  void AddCoverage(const std::string& stratum, int level, const Cell& cell,
                   std::optional<Report::Target> target) {
    report_.Add(absl::StrCat("coverage", level, ".", stratum),
                cell.Coverage(level), "share",
                absl::StrCat(cell.count(), " series"), target);
  }

  void Add(const Process& process, int length, int h, const std::string& method,
           const Cell& cell) {
    const std::string stratum =
        absl::StrCat(process.name, ".n", length, ".h", h, ".", method);
    const double tolerance = length < kLong ? kShortTolerance : kTolerance;
    Tally& tally =
        tallies_[absl::StrCat(NameOf(process.kind, length), ".", method)];
    for (int level : kLevels) {
      const double allowed = tolerance + cell.Band(level);
      const double miss = process.kind == Kind::kPlain
                              ? std::abs(cell.Miss(level))
                              : -cell.Miss(level);
      Report::Target target{(level - allowed) / 100};
      if (process.kind == Kind::kPlain) target.most = (level + allowed) / 100;
      AddCoverage(stratum, level, cell, target);
      ++tally.cells;
      tally.reached += miss <= allowed ? 1 : 0;
      tally.beyond += miss > kWorst + cell.Band(level) ? 1 : 0;
    }
    if (process.kind == Kind::kAtoms) {
      report_.Add(absl::StrCat("pit.", stratum), cell.PitProbability(),
                  "probability", absl::StrCat(cell.count(), " series"));
    }
  }

  static absl::string_view NameOf(Kind kind, int length) {
    switch (kind) {
      case Kind::kAtoms:
        return "atoms";
      case Kind::kOracle:
        return "oracle";
      case Kind::kPlain:
        break;
    }
    return length < kLong ? "short" : "long";
  }

  const Flags& flags_;
  Report& report_;
  ThreadPool pool_;
  std::map<std::string, Tally> tallies_;
  std::map<std::string, std::pair<int64_t, int64_t>> ordered_;
};

bool IsAsked(const std::vector<std::string>& names, absl::string_view name) {
  return names.empty() ||
         std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status Run(Flags flags) {
  if (flags.quick) flags.series = std::min(flags.series, kQuickSeries);
  Report report(&std::cout);
  CalibrationRun run(flags, &report);
  int processes = 0;
  for (const Process& process : Processes()) {
    if (!IsAsked(flags.processes, process.name)) continue;
    ++processes;
    for (int length : kLengths) {
      if (flags.lengths.empty() ||
          std::find(flags.lengths.begin(), flags.lengths.end(), length) !=
              flags.lengths.end()) {
        run.RunProcess(process, length);
      }
    }
  }
  if (processes == 0) {
    return absl::InvalidArgumentError(
        "no process has a name given to --processes; see processes.h");
  }
  if (!flags.data.empty()) {
    for (const CompetitionSet& set : CompetitionSets()) {
      RETURN_IF_ERROR(run.RunSet(set));
    }
  }
  run.Summarise();
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures the coverage of intervals on series of known processes; one "
      "JSON object a line");
  Flags flags;
  app.add_option("--methods", flags.methods, "Methods, by comma")
      ->delimiter(',');
  app.add_option("--processes", flags.processes, "Processes; all if not given")
      ->delimiter(',');
  app.add_option("--lengths", flags.lengths, "Lengths; all if not given")
      ->delimiter(',');
  app.add_option("--series", flags.series, "Series a cell")
      ->check(CLI::Range(10, 100000));
  app.add_flag("--quick", flags.quick,
               absl::StrCat("At most ", kQuickSeries, " series a cell"));
  app.add_option("--threads", flags.threads, "Threads")
      ->check(CLI::Range(1, 64));
  app.add_option("--data", flags.data,
                 "The directory with the competitions, for their sets as well");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(std::move(flags));
  if (status.ok()) return 0;
  std::cerr << "calibration: " << status.ToString() << "\n";
  return 1;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
