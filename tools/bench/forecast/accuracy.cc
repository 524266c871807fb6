// accuracy: how good forecasts are on the series of the M3 and M4 competitions,
// beside R's forecast package and statsforecast on the same series.
//
//   accuracy                                 all sets, all methods: long
//   accuracy --quick                         the first 5 series of each set
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
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/forecast/competition.h"
#include "tools/bench/forecast/competition_flags.h"
#include "tools/bench/forecast/forecast_scores.h"
#include "tools/bench/forecast/reference_forecasts.h"
#include "tools/bench/forecast/run_forecasts.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"

namespace headway::bench {
namespace {

using Scores = std::vector<std::optional<SeriesScore>>;

// Level with a reference: no more than this behind it.
constexpr double kLevel = 1.005;

struct Flags {
  CompetitionFlags competition;
  std::string dump;
  int threads = 2;
};

// The target for `auto`.
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
  // For a single set only.
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
  AccuracyRun(const Flags& flags, const Selection& selection, Report* report,
              std::ostream* dump)
      : flags_(flags),
        selection_(selection),
        report_(*report),
        dump_(dump),
        pool_({.threads = flags.threads - 1}) {}

  absl::Status RunSet(const CompetitionSet& set) {
    ASSIGN_OR_RETURN(const LoadedSet loaded,
                     LoadCompetition(flags_.competition.data, set, selection_));
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
    if (!selection_.holdout) {
      references.emplace(flags_.competition.data, set);
    }
    for (const std::string& method : flags_.competition.methods) {
      ASSIGN_OR_RETURN(MethodScores scores, Score(loaded, method));
      scores.naive2 = naive2;
      AddMeasures(std::string(set.name), method, scores, report_);
      if (references) AddPeers(loaded, method, scores, *references);
      if (IsWhole()) AddPublished(std::string(set.name), method, naive2);
      if (set.competition == "m3") AddToM3(method, scores);
    }
    if (set.competition == "m3") ++m3_sets_;
    return absl::OkStatus();
  }

  void ReportM3() {
    if (m3_sets_ < 4) return;
    for (const std::string& method : flags_.competition.methods) {
      AddMeasures("m3_all", method, m3_[method], report_);
      if (IsWhole()) AddPublished("m3_all", method, m3_[method].naive2);
    }
  }

 private:
  absl::StatusOr<MethodScores> Score(const LoadedSet& loaded,
                                     const std::string& method) {
    ASSIGN_OR_RETURN(const forecast::Options options,
                     OptionsFor(loaded.set, method, flags_.competition));
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
      add("owa", ours.owa, reference.owa, peer.is_same_method);
      add("mase", ours.mase, reference.mase, false);
      add("smape", ours.smape, reference.smape, false);
      add("msis", ours.msis, reference.msis, false);
      add("coverage95", ours.coverage95, reference.coverage95, false);
    }
  }

  // Whether every series of a set is forecast, as the competitors did.
  bool IsWhole() const {
    return !selection_.holdout && !selection_.first && selection_.skip == 0;
  }

  // The method of least OWA of those who took part in M3.
  void AddPublished(const std::string& set, const std::string& method,
                    const Scores& naive2) {
    const MeanScores base = Average(naive2, naive2, naive2);
    std::optional<PublishedScores> best;
    for (PublishedScores& one : LoadPublished(flags_.competition.data, set)) {
      if (!best || one.Owa(base) < best->Owa(base)) best = std::move(one);
    }
    if (!best || !IsCombination(method)) return;
    const auto add = [&](absl::string_view measure, double value) {
      report_.AddPeer(
          absl::StrCat(measure, ".", set, ".", method), "M3, published", value,
          absl::StrCat(best->method, "; of all ", base.series,
                       " series, the least OWA of those who took part"));
    };
    add("owa", best->Owa(base));
    add("mase", best->mase);
    add("smape", best->smape);
  }

  void AddToM3(const std::string& method, const MethodScores& scores) {
    MethodScores& all = m3_[method];
    all.own.insert(all.own.end(), scores.own.begin(), scores.own.end());
    all.naive2.insert(all.naive2.end(), scores.naive2.begin(),
                      scores.naive2.end());
    all.seconds += scores.seconds;
  }

  const Flags& flags_;
  const Selection selection_;
  Report& report_;
  std::ostream* dump_;
  ThreadPool pool_;
  int m3_sets_ = 0;
  std::map<std::string, MethodScores> m3_;
};

absl::Status Run(Flags& flags) {
  ASSIGN_OR_RETURN(const Selection selection,
                   CheckCompetitionFlags(flags.competition));
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
  report.Add("conditions", std::nullopt, "",
             absl::StrCat(selection.holdout
                              ? "the ends of the training parts are forecast"
                              : "the test parts are forecast",
                          ", bounds ", flags.competition.bounds, ", ",
                          flags.threads, " threads; ", LoadAverage(),
                          " programs ready to run at the start"));
  AccuracyRun run(flags, selection, &report, dump.is_open() ? &dump : nullptr);
  for (const CompetitionSet& set : SetsOf(flags.competition)) {
    RETURN_IF_ERROR(run.RunSet(set));
  }
  run.ReportM3();
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Measures forecasts on the M3 and M4 competitions; one JSON object a "
      "line");
  Flags flags;
  AddCompetitionFlags(
      app,
      absl::StrCat("all but the first ", kQuickSeries, " series of each set"),
      flags.competition);
  app.add_option("--dump", flags.dump, "Write every forecast to this CSV file");
  app.add_option("--threads", flags.threads)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::fprintf(stderr, "accuracy: %s\n", status.ToString().c_str());
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) { return headway::bench::Main(argc, argv); }
