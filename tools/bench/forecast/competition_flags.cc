#include "tools/bench/forecast/competition_flags.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"

namespace headway::bench {
namespace {

std::vector<std::string> SetNames() {
  std::vector<std::string> names;
  for (const CompetitionSet& set : CompetitionSets()) {
    names.emplace_back(set.name);
  }
  return names;
}

}  // namespace

void AddCompetitionFlags(CLI::App& app, const std::string& left_out,
                         CompetitionFlags& flags) {
  flags.data = HEADWAY_SOURCE_DIR "/../shared/data";
  flags.methods = {forecast::MethodNames().begin(),
                   forecast::MethodNames().end()};
  flags.sets = SetNames();
  app.add_option("--methods", flags.methods, "Separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--sets", flags.sets, "Separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(SetNames()))
      ->capture_default_str();
  CLI::Option* first =
      app.add_option("--first", flags.first,
                     "How many series of each set, in the order in which the "
                     "references were measured; or all")
          ->capture_default_str();
  app.add_flag("--quick", flags.quick,
               absl::StrCat("Done within 40 seconds: leaves out ", left_out))
      ->excludes(first);
  app.add_option("--skip", flags.skip, "Series before the first")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--holdout", flags.holdout,
               "Forecast the end of each training part from the rest");
  app.add_option("--bounds", flags.bounds, "Where forecasts must lie")
      ->check(CLI::IsMember({"none", "nonnegative"}))
      ->capture_default_str();
  app.add_option("--long-seasons", flags.long_seasons,
                 "SET=PERIODS[:PERIODS], separated by commas")
      ->delimiter(',');
  app.add_option("--data", flags.data, "Where the competitions' data are")
      ->envname("HEADWAY_SHARED_DATA")
      ->capture_default_str();
}

absl::StatusOr<Selection> CheckCompetitionFlags(CompetitionFlags& flags) {
  Selection selection{.skip = flags.skip, .holdout = flags.holdout};
  if (flags.quick) {
    selection.first = kQuickSeries;
  } else if (flags.first != "all") {
    int first = 0;
    if (!absl::SimpleAtoi(flags.first, &first) || first < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--first ", flags.first, " is neither a number above 0 nor \"all\""));
    }
    selection.first = first;
  }
  for (std::string& method : flags.methods) {
    absl::StrReplaceAll({{"-", "_"}}, &method);
    if (!forecast::IsMethodName(method)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown method \"", method, "\"; the methods are ",
                       absl::StrJoin(forecast::MethodNames(), ", ")));
    }
  }
  return selection;
}

std::vector<CompetitionSet> SetsOf(const CompetitionFlags& flags) {
  std::vector<CompetitionSet> sets;
  for (const CompetitionSet& set : CompetitionSets()) {
    if (std::find(flags.sets.begin(), flags.sets.end(), set.name) !=
        flags.sets.end()) {
      sets.push_back(set);
    }
  }
  return sets;
}

absl::StatusOr<forecast::Options> OptionsFor(const CompetitionSet& set,
                                             const std::string& method,
                                             const CompetitionFlags& flags) {
  forecast::Options options;
  options.method = method;
  options.horizon = set.horizon;
  options.season = set.season;
  options.probabilities = {0.025, 0.975};
  options.backtest = false;
  if (flags.bounds == "nonnegative") {
    options.bounds = forecast::Bounds::kNonNegative;
  }
  for (const std::string& flag : flags.long_seasons) {
    const std::pair<std::string, std::string> sides =
        absl::StrSplit(flag, absl::MaxSplits('=', 1));
    if (sides.first != set.name) continue;
    for (absl::string_view text : absl::StrSplit(sides.second, ':')) {
      int periods = 0;
      if (!absl::SimpleAtoi(text, &periods)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--long-seasons ", flag,
                         " is not SET=PERIODS, such as m4_hourly=168"));
      }
      options.long_seasons.push_back(periods);
    }
  }
  return options;
}

}  // namespace headway::bench
