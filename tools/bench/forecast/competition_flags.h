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

struct CompetitionFlags {
  std::vector<std::string> methods;
  std::vector<std::string> sets;
  // A number, or "all".
  std::string first = "all";
  int skip = 0;
  bool holdout = false;
  std::string bounds = "none";
  // "m4_hourly=168", "m4_hourly=168:336".
  std::vector<std::string> long_seasons;
  std::string data;
};

// With all methods and sets as the default.
void AddCompetitionFlags(CLI::App& app, CompetitionFlags& flags);

// After parsing. INVALID_ARGUMENT: a method that is none ("-" counts as "_" in
// its name), or a number that is none.
absl::StatusOr<Selection> CheckCompetitionFlags(CompetitionFlags& flags);

// Those of the sets that are asked for, in the order of CompetitionSets().
std::vector<CompetitionSet> SetsOf(const CompetitionFlags& flags);

// What a set's series are forecast with: 95 % intervals, no backtest.
absl::StatusOr<forecast::Options> OptionsFor(const CompetitionSet& set,
                                             const std::string& method,
                                             const CompetitionFlags& flags);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_FLAGS_H_
