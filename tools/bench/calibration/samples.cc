// samples: what the spread of forecasts is learned from.
//
//   samples --out FILE [--series 30000] [--data DIRECTORY]
//
// Forecasts random series (families.h) and, with --data, held-out ends of the
// training parts of competition series, whole and cut down to their last few
// values before the end, with the pools of `auto` and `auto_fast`. Writes
// doubles, one row for each step that is sampled:
//
//   group, weight, the 24 features of daemon/forecast/calibration/spread.h,
//   the 11 quantiles of the pool less its point, the value that came less the
//   point
//
// the last twelve over the spread of the pool. learn.py reads it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/auto/combination.h"
#include "tools/bench/calibration/families.h"
#include "tools/bench/forecast/competition.h"

namespace headway::bench {
namespace {

constexpr double kProbabilities[] = {0.01, 0.025, 0.05, 0.1,   0.25, 0.5,
                                     0.75, 0.9,   0.95, 0.975, 0.99};
constexpr int kHorizon = 24;
constexpr int kSteps[] = {1, 2, 3, 5, 8, 12, 18, 24};

struct Sample {
  std::vector<double> past;
  std::vector<double> actual;
  int season = 1;
  int group = 0;
  double weight = 1;
};

// The steps of a sample that are written: those of kSteps that it has.
void Write(const Sample& sample, const forecast::Combination& combination,
           std::ostream& out) {
  forecast::Options options;
  options.horizon = static_cast<int>(sample.actual.size());
  options.season = sample.season;
  const absl::StatusOr<forecast::Pool> pool = forecast::PoolCombination(
      combination, sample.past, options, kProbabilities);
  if (!pool.ok() || pool->features.empty()) return;
  for (int h : kSteps) {
    if (h > options.horizon || std::isnan(sample.actual[h - 1])) continue;
    const std::vector<double>& quantiles = pool->average.quantiles[h - 1];
    const double point = pool->average.point[h - 1];
    const double spread = forecast::SpreadBetween(quantiles[3], quantiles[7]);
    std::vector<double> row = {static_cast<double>(sample.group),
                               sample.weight};
    const forecast::SpreadFeatures& features = pool->features[h - 1];
    row.insert(row.end(), features.begin(), features.end());
    for (double quantile : quantiles)
      row.push_back((quantile - point) / spread);
    row.push_back((sample.actual[h - 1] - point) / spread);
    out.write(reinterpret_cast<const char*>(row.data()),
              static_cast<std::streamsize>(row.size() * sizeof(double)));
  }
}

void WriteBoth(const Sample& sample, std::ostream& out) {
  for (absl::string_view name : {"auto", "auto_fast"}) {
    Write(sample, *forecast::FindCombination(name), out);
  }
}

// Lengths from 4 to 1,000, every second one at least 60.
void WriteRandomSeries(int count, std::ostream& out) {
  std::mt19937_64 generator(1);
  for (int i = 0; i < count; ++i) {
    const double shortest = i % 2 == 0 ? 4 : 60;
    const double longest = i % 2 == 0 ? 300 : 1000;
    const double logarithm = std::uniform_real_distribution<double>(
        std::log(shortest), std::log(longest))(generator);
    const int n = static_cast<int>(std::exp(logarithm));
    RandomSeries drawn =
        DrawRandomSeries(n + kHorizon, static_cast<uint64_t>(i));
    Sample sample;
    sample.actual.assign(drawn.values.begin() + n, drawn.values.end());
    drawn.values.resize(n);
    sample.past = std::move(drawn.values);
    sample.season = drawn.season;
    WriteBoth(sample, out);
  }
}

// A part of a competition's set and what it counts, as a share of the random
// series.
struct Share {
  absl::string_view set;
  int skip = 0;
  int first = 0;
  double weight = 0;
};
constexpr Share kShares[] = {
    {"m3_quarterly", 0, 756, 0.04}, {"m3_yearly", 0, 645, 0.02},
    {"m3_other", 0, 174, 0.03},     {"m4_yearly", 3000, 6000, 0.2},
    {"m4_weekly", 0, 359, 0.02},    {"m4_hourly", 0, 414, 0.01},
};
// What a cut series counts, of a whole one.
constexpr double kCutWeight = 0.3;
constexpr int kLeastCut = 4;
constexpr int kMostCut = 12;

absl::Status WriteCompetitions(const std::string& data, std::ostream& out) {
  int group = 0;
  for (const Share& share : kShares) {
    ++group;
    const auto sets = CompetitionSets();
    const auto set = std::find_if(
        sets.begin(), sets.end(),
        [&](const CompetitionSet& one) { return one.name == share.set; });
    Selection selection;
    selection.skip = share.skip;
    selection.first = share.first;
    selection.holdout = true;
    ASSIGN_OR_RETURN(const LoadedSet loaded,
                     LoadCompetition(data, *set, selection));
    for (size_t i = 0; i < loaded.series.size(); ++i) {
      const CompetitionSeries& series = loaded.series[i];
      Sample sample{series.past, series.actual, set->season, group,
                    share.weight};
      WriteBoth(sample, out);
      const size_t cut = kLeastCut + i % (kMostCut - kLeastCut + 1);
      if (series.past.size() <= cut) continue;
      sample.past.erase(sample.past.begin(), sample.past.end() - cut);
      sample.weight *= kCutWeight;
      WriteBoth(sample, out);
    }
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Samples for the spread of forecasts");
  std::string path;
  std::string data;
  int series = 30000;
  app.add_option("--out", path, "the file to write")->required();
  app.add_option("--series", series, "random series");
  app.add_option("--data", data, "the directory with the competitions");
  CLI11_PARSE(app, argc, argv);
  std::ofstream out(path, std::ios::binary);
  WriteRandomSeries(series, out);
  absl::Status status =
      data.empty() ? absl::OkStatus() : WriteCompetitions(data, out);
  if (status.ok() && !out.flush()) {
    status = absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  if (status.ok()) return 0;
  std::cerr << "samples: " << status.ToString() << "\n";
  return 1;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
