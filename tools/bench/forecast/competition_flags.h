// The flags that the benchmarks of forecasts share: which methods, on which
// series, with which options.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_FLAGS_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/forecast/forecast.h"
#include "tools/bench/forecast/competition.h"

namespace CLI {
class App;
}  // namespace CLI

namespace headway::bench {

// How many series of each set --quick forecasts: every method on all sets
// within 40 seconds, on two busy processors.
inline constexpr int kQuickSeries = 5;

struct CompetitionFlags {
  std::vector<std::string> methods;
  std::vector<std::string> sets;
  // A number, or "all".
  std::string first = "all";
  // Only the first kQuickSeries series of each set.
  bool quick = false;
  int skip = 0;
  bool holdout = false;
  std::string bounds = "none";
  // "m4_hourly=168", "m4_hourly=168:336".
  std::vector<std::string> long_seasons;
  std::string data;
};

// Adds the flags, with all methods and sets as the default. `left_out` says in
// the help of --quick what the program leaves out with it.
void AddCompetitionFlags(CLI::App& app, const std::string& left_out,
                         CompetitionFlags& flags);

// To be called after parsing. INVALID_ARGUMENT: an unknown method ("-" counts
// as "_" in its name), or a value of --first that is not a number.
absl::StatusOr<Selection> CheckCompetitionFlags(CompetitionFlags& flags);

// The sets that were asked for, in the order of CompetitionSets().
std::vector<CompetitionSet> SetsOf(const CompetitionFlags& flags);

// The options for the series of a set: 95 % intervals, no backtest.
// INVALID_ARGUMENT: long seasons that are not numbers.
absl::StatusOr<forecast::Options> OptionsFor(const CompetitionSet& set,
                                             const std::string& method,
                                             const CompetitionFlags& flags);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_FLAGS_H_
