// accuracy: how good forecasts are on the series of the M3 and M4 competitions,
// beside R's forecast package and statsforecast on the same series.
//
//   accuracy                                 all sets, all methods: long
//   accuracy --methods auto,theta --sets m3_monthly --first 300
//   accuracy --holdout --skip 300 --dump forecasts.csv
//
// One JSON object a line, see report.h; measures as in forecast_scores.h, and
// METHOD is one of Headway's:
//
//   owa.SET.METHOD, mase.SET.METHOD, smape.SET.METHOD, msis.SET.METHOD,
//   coverage95.SET.METHOD
//   ms_per_series.SET.METHOD   CPU time of one forecast, the mean
//   owa.m3_all.METHOD ...      over the series of the four M3 sets, where all
//                              four were run
//
// A peer's line has Headway's value on the series that the peer was run on and
// did not fail on, and the peer's. The target of a single method is to be no
// more than 0.5 % behind. With --holdout the end of each training part is
// forecast from the rest: there is no peer, and choices made on it never see
// the test parts.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/competition.h"
#include "tools/bench/forecast_scores.h"
#include "tools/bench/measure.h"
#include "tools/bench/reference_forecasts.h"
#include "tools/bench/report.h"
#include "tools/bench/run_forecasts.h"

namespace headway::bench {
namespace {

using Scores = std::vector<std::optional<SeriesScore>>;

// Level with a reference: no more than this behind it.
constexpr double kLevel = 1.005;

struct Flags {
  std::vector<std::string> methods;
  std::vector<std::string> sets;
  std::string first = "all";
  Selection selection;
  std::string bounds = "none";
  // "m4_hourly=168", "m4_hourly=168:336".
  std::vector<std::string> long_seasons;
  std::string dump;
  std::string data;
  int threads = 2;
};

std::vector<std::string> SetNames() {
  std::vector<std::string> names;
  for (const CompetitionSet& set : CompetitionSets()) {
    names.emplace_back(set.name);
  }
  return names;
}

std::vector<std::string> AllMethods() {
  return {forecast::MethodNames().begin(), forecast::MethodNames().end()};
}

// What `auto` is to reach.
std::optional<Report::Target> TargetOf(const std::string& measure,
                                       const std::string& set,
                                       const std::string& method) {
  static const auto* const targets = new std::map<std::string, double>{
      {"owa.m3_all", 0.820},    {"owa.m4_yearly", 0.780},
      {"owa.m4_weekly", 0.780}, {"owa.m4_hourly", 0.500},
      {"msis.m4_yearly", 26.0},
  };
  if (method != "auto") return std::nullopt;
  if (measure == "coverage95") return Report::Target{0.93, true, 0.97};
  const auto it = targets->find(absl::StrCat(measure, ".", set));
  if (it == targets->end()) return std::nullopt;
  return Report::Target{it->second, false};
}

// One method on the series of a set, or of several.
struct MethodScores {
  Scores own;
  Scores naive2;
  double seconds = 0;
  // Of a set only.
  std::string remarks;
};

void AddMeasures(const std::string& set, const std::string& method,
                 const MethodScores& scores, Report& report) {
  const MeanScores mean = Average(scores.own, scores.naive2, scores.own);
  const std::string note = absl::StrCat(mean.series, " series", scores.remarks);
  const auto add = [&](const std::string& measure, std::optional<double> value,
                       absl::string_view unit) {
    report.Add(absl::StrCat(measure, ".", set, ".", method), value, unit, note,
               TargetOf(measure, set, method));
  };
  add("owa", mean.owa, "of Naive2");
  add("mase", mean.mase, "of the scale");
  add("smape", mean.smape, "%");
  add("msis", mean.msis, "of the scale");
  add("coverage95", mean.coverage95, "share");
  add("ms_per_series",
      1000 * scores.seconds / static_cast<double>(scores.own.size()), "ms");
}

class AccuracyRun {
 public:
  AccuracyRun(const Flags& flags, Report* report, std::ostream* dump)
      : flags_(flags),
        report_(*report),
        dump_(dump),
        pool_({.threads = flags.threads - 1}) {}

  absl::Status RunSet(const CompetitionSet& set) {
    ASSIGN_OR_RETURN(const LoadedSet loaded,
                     LoadCompetition(flags_.data, set, flags_.selection));
    if (loaded.series.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(set.name, " has no series left; lower --skip"));
    }
    Scores naive2;
    for (const CompetitionSeries& series : loaded.series) {
      naive2.push_back(
          ScoreSeries(series, set.season,
                      {.point = Naive2(series.past, set.season, set.horizon)}));
    }
    std::optional<ReferenceForecasts> references;
    if (!flags_.selection.holdout) references.emplace(flags_.data, set);
    for (const std::string& method : flags_.methods) {
      ASSIGN_OR_RETURN(MethodScores scores, Score(loaded, method));
      scores.naive2 = naive2;
      AddMeasures(std::string(set.name), method, scores, report_);
      if (references) AddPeers(loaded, method, scores, *references);
      if (set.competition == "m3") AddToM3(method, scores);
    }
    if (set.competition == "m3") ++m3_sets_;
    return absl::OkStatus();
  }

  void ReportM3() {
    if (m3_sets_ < 4) return;
    for (const std::string& method : flags_.methods) {
      AddMeasures("m3_all", method, m3_[method], report_);
    }
  }

 private:
  absl::StatusOr<MethodScores> Score(const LoadedSet& loaded,
                                     const std::string& method) {
    forecast::Options options = OptionsFor(loaded.set, method);
    if (flags_.bounds == "nonnegative") {
      options.bounds = forecast::Bounds::kNonNegative;
    }
    RETURN_IF_ERROR(AddLongSeasons(loaded.set, options));
    const ForecastRun run =
        RunForecasts(loaded.series, options, &pool_, flags_.threads);
    MethodScores scores;
    std::string failure;
    int failed = 0;
    int fell_back = 0;
    for (size_t i = 0; i < loaded.series.size(); ++i) {
      const CompetitionSeries& series = loaded.series[i];
      scores.seconds += run.series[i].seconds;
      const auto& forecast = run.series[i].forecast;
      if (!forecast.ok()) {
        ++failed;
        failure = absl::StrCat(series.id, ": ", forecast.status().message());
        scores.own.push_back(std::nullopt);
        continue;
      }
      for (const std::string& note : forecast->notes) {
        fell_back += absl::StrContains(note, "was used instead") ? 1 : 0;
      }
      IntervalForecast interval{.point = forecast->point};
      for (const std::vector<double>& quantiles : forecast->quantiles) {
        interval.lower.push_back(quantiles.front());
        interval.upper.push_back(quantiles.back());
      }
      Dump(series, method, interval);
      scores.own.push_back(ScoreSeries(series, loaded.set.season, interval));
    }
    const MeanScores mean = Average(scores.own, scores.own, scores.own);
    const int unscored =
        static_cast<int>(loaded.series.size()) - failed - mean.series;
    if (failed > 0) {
      absl::StrAppend(&scores.remarks, "; ", failed, " FAILED, the last ",
                      failure);
    }
    if (fell_back > 0) {
      absl::StrAppend(&scores.remarks, "; ", fell_back,
                      " fell back to the naive method");
    }
    if (unscored > 0) {
      absl::StrAppend(&scores.remarks, "; ", unscored,
                      " without a scale of errors left out");
    }
    if (loaded.too_short > 0) {
      absl::StrAppend(&scores.remarks, "; ", loaded.too_short,
                      " too short to hold a part back");
    }
    absl::StrAppend(&scores.remarks, "; ", flags_.threads, " threads, ",
                    run.wall_seconds, " s");
    return scores;
  }

  absl::Status AddLongSeasons(const CompetitionSet& set,
                              forecast::Options& options) {
    for (const std::string& flag : flags_.long_seasons) {
      const std::vector<std::string> sides = absl::StrSplit(flag, '=');
      if (sides.size() != 2) {
        return absl::InvalidArgumentError(
            absl::StrCat("--long-seasons ", flag,
                         " is not SET=PERIODS, such as m4_hourly=168"));
      }
      if (sides[0] != set.name) continue;
      for (absl::string_view text : absl::StrSplit(sides[1], ':')) {
        int periods = 0;
        if (!absl::SimpleAtoi(text, &periods)) {
          return absl::InvalidArgumentError(
              absl::StrCat("--long-seasons ", flag, ": \"", text,
                           "\" is no number of periods"));
        }
        options.long_seasons.push_back(periods);
      }
    }
    return absl::OkStatus();
  }

  void Dump(const CompetitionSeries& series, const std::string& method,
            const IntervalForecast& forecast) {
    if (dump_ == nullptr) return;
    for (size_t h = 0; h < series.actual.size(); ++h) {
      *dump_ << absl::StrFormat("%s,%s,%d,%.12g,%.12g,%.12g,%.12g\n", series.id,
                                method, h + 1, forecast.point[h],
                                forecast.lower[h], forecast.upper[h],
                                series.actual[h]);
    }
  }

  void AddPeers(const LoadedSet& loaded, const std::string& method,
                const MethodScores& scores,
                const ReferenceForecasts& references) {
    for (const PeerMethod& peer : PeersOf(method)) {
      Scores theirs;
      for (const CompetitionSeries& series : loaded.series) {
        const auto forecast = references.Find(peer, series.id);
        theirs.push_back(forecast
                             ? ScoreSeries(series, loaded.set.season, *forecast)
                             : std::nullopt);
      }
      const MeanScores ours = Average(scores.own, scores.naive2, theirs);
      const MeanScores reference = Average(theirs, scores.naive2, scores.own);
      if (reference.series == 0) continue;
      const std::string note =
          absl::StrCat(peer.Describe(), "; both on the ", reference.series,
                       " series that it was run on and did not fail on");
      const auto add = [&](absl::string_view measure, std::optional<double> own,
                           std::optional<double> value, bool has_target) {
        if (!value) return;
        std::optional<Report::Target> target;
        if (has_target) target = Report::Target{kLevel * *value, false};
        report_.AddPeerOnPart(
            absl::StrCat(measure, ".", loaded.set.name, ".", method), peer.peer,
            own, value, note, target);
      };
      add("owa", ours.owa, reference.owa, true);
      add("mase", ours.mase, reference.mase, false);
      add("smape", ours.smape, reference.smape, false);
      add("msis", ours.msis, reference.msis, false);
      add("coverage95", ours.coverage95, reference.coverage95, false);
    }
  }

  void AddToM3(const std::string& method, const MethodScores& scores) {
    MethodScores& all = m3_[method];
    all.own.insert(all.own.end(), scores.own.begin(), scores.own.end());
    all.naive2.insert(all.naive2.end(), scores.naive2.begin(),
                      scores.naive2.end());
    all.seconds += scores.seconds;
  }

  const Flags& flags_;
  Report& report_;
  std::ostream* dump_;
  ThreadPool pool_;
  int m3_sets_ = 0;
  std::map<std::string, MethodScores> m3_;
};

absl::Status Run(const Flags& flags) {
  Report report(&std::cout);
  std::ofstream dump;
  if (!flags.dump.empty()) {
    dump.open(flags.dump);
    if (!dump) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot write ", flags.dump));
    }
    dump << "id,method,h,point,lo95,hi95,actual\n";
  }
  report.Add(
      "conditions", std::nullopt, "",
      absl::StrCat(flags.selection.holdout
                       ? "the ends of the training parts are forecast"
                       : "the test parts are forecast",
                   ", bounds ", flags.bounds, ", ", flags.threads, " threads; ",
                   LoadAverage(), " programs ready to run at the start"));
  AccuracyRun run(flags, &report, dump.is_open() ? &dump : nullptr);
  for (const CompetitionSet& set : CompetitionSets()) {
    if (std::find(flags.sets.begin(), flags.sets.end(), set.name) !=
        flags.sets.end()) {
      RETURN_IF_ERROR(run.RunSet(set));
    }
  }
  run.ReportM3();
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures forecasts on the M3 and M4 competitions; one JSON object a "
      "line");
  Flags flags;
  flags.data = HEADWAY_SOURCE_DIR "/../shared/data";
  flags.methods = AllMethods();
  flags.sets = SetNames();
  app.add_option("--methods", flags.methods, "Separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--sets", flags.sets, "Separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(SetNames()))
      ->capture_default_str();
  app.add_option("--first", flags.first,
                 "How many series of each set, in the order in which the "
                 "references were measured; or all")
      ->capture_default_str();
  app.add_option("--skip", flags.selection.skip, "Series before the first")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--holdout", flags.selection.holdout,
               "Forecast the end of each training part from the rest");
  app.add_option("--bounds", flags.bounds, "Where forecasts must lie")
      ->check(CLI::IsMember({"none", "nonnegative"}))
      ->capture_default_str();
  app.add_option("--long-seasons", flags.long_seasons,
                 "SET=PERIODS[:PERIODS], separated by commas")
      ->delimiter(',');
  app.add_option("--dump", flags.dump, "Write every forecast to this CSV file");
  app.add_option("--threads", flags.threads)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--data", flags.data, "Where the competitions' data are")
      ->envname("HEADWAY_SHARED_DATA")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  int first = 0;
  if (flags.first != "all") {
    if (!absl::SimpleAtoi(flags.first, &first) || first < 1) {
      std::fprintf(stderr, "accuracy: --first %s is no number above 0 or all\n",
                   flags.first.c_str());
      return EXIT_FAILURE;
    }
    flags.selection.first = first;
  }
  for (std::string& method : flags.methods) {
    absl::StrReplaceAll({{"-", "_"}}, &method);
    if (!forecast::IsMethodName(method)) {
      std::fprintf(stderr, "accuracy: no method %s\n", method.c_str());
      return EXIT_FAILURE;
    }
  }
  const absl::Status status = Run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "accuracy: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
