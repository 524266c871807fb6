#include "tools/headway/commands/evidence/impact/structural_input.h"

#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/counterfactual/cointegration.h"

namespace headway::cli {
namespace {

using Eigen::Index;

// Longer ones have more states than most series can determine.
constexpr int kLongestSeason = 60;

absl::StatusOr<int> SeasonOf(const std::string& text, const TimeAxis& axis) {
  if (text == "none") return 1;
  if (text == "auto") {
    if (axis.frequency() == series::Frequency::kMonthly) return 12;
    if (axis.frequency() == series::Frequency::kQuarterly) return 4;
    return 1;
  }
  int season = 0;
  if (absl::SimpleAtoi(text, &season) && season >= 1 &&
      season <= kLongestSeason) {
    return season;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--season \"", text, "\" is none; write none, auto, or 1 to ",
      kLongestSeason, " periods"));
}

absl::Status CheckControls(const Panel& panel) {
  for (size_t unit = 1; unit < panel.units.size(); ++unit) {
    const auto row = panel.outcome.row(static_cast<Index>(unit));
    for (Index t = 0; t < row.size(); ++t) {
      if (std::isfinite(row[t])) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "control ", panel.units[unit], " has no value in ",
          panel.periods[static_cast<size_t>(t)],
          ", and a control must have one in every period; fill it, leave the "
          "control out with --exclude, or choose periods with --from and "
          "--to"));
    }
  }
  return absl::OkStatus();
}

// `unit` is its place in the panel.
absl::Status TakeLogs(const Panel& panel, size_t unit,
                      Eigen::Ref<Eigen::VectorXd> values) {
  for (Index t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    if (values[t] <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(panel.units[unit], " is ", values[t], " in ",
                       panel.periods[static_cast<size_t>(t)],
                       ", which has no logarithm; leave ",
                       unit == 0 ? "--log" : "--log-controls", " out"));
    }
    values[t] = std::log(values[t]);
  }
  return absl::OkStatus();
}

absl::Status CheckUnits(const Panel& panel) {
  if (panel.treated == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--treated names ", panel.treated,
                   " units, and this method studies one; run it for each, or "
                   "add them up first"));
}

// Whole numbers whose mean is small are far from lognormal.
bool AreSmallCounts(const Eigen::VectorXd& values) {
  double sum = 0;
  double count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    if (value < 0 || value != std::floor(value)) return false;
    sum += value;
    ++count;
  }
  return count > 0 && sum / count < 30;
}

}  // namespace

absl::StatusOr<StructuralCase> MakeStructuralCase(
    const DataTable& table, const ImpactOptions& options,
    const StructuralMethodOptions& method, const std::string& usual_season) {
  StructuralCase study;
  ASSIGN_OR_RETURN(study.panel,
                   ImpactPanel(table, options, PanelChoice::Incomplete::kKeep));
  Panel& panel = study.panel;
  RETURN_IF_ERROR(CheckUnits(panel));
  RETURN_IF_ERROR(CheckControls(panel));
  ASSIGN_OR_RETURN(const size_t before, PeriodsBefore(panel, options));
  study.level = options.level / 100;
  ASSIGN_OR_RETURN(
      study.form.season,
      SeasonOf(method.season.empty() ? usual_season : method.season,
               panel.axis));
  study.form.slope = method.trend == "linear";
  study.input.before = static_cast<Index>(before);
  study.input.outcome = panel.outcome.row(0).transpose();
  study.input.controls =
      panel.outcome.bottomRows(static_cast<Index>(panel.controls()))
          .transpose();
  study.input.control_names.assign(panel.units.begin() + 1, panel.units.end());
  if (AreSmallCounts(study.input.outcome)) {
    panel.notes.push_back(
        "the outcome is a count with a mean below 30: a normal model is rough, "
        "and its intervals with it");
  }
  if (method.log) RETURN_IF_ERROR(TakeLogs(panel, 0, study.input.outcome));
  for (size_t i = 0; method.log_controls && i < panel.controls(); ++i) {
    RETURN_IF_ERROR(TakeLogs(panel, i + 1,
                             study.input.controls.col(static_cast<Index>(i))));
  }
  RETURN_IF_ERROR(CheckInput(study.input, study.form));
  return study;
}

Report StructuralReport(const StructuralCase& study,
                        const StructuralMethodOptions& method,
                        const std::string& name) {
  const Panel& panel = study.panel;
  const auto before = static_cast<size_t>(study.input.before);
  Report report;
  report.method = name;
  report.title = absl::StrCat(panel.units[0], " from ", panel.periods[before],
                              " on, against a structural model with ",
                              panel.controls(), " controls");
  report.setup["treated"] = panel.units[0];
  report.setup["controls"] = study.input.control_names;
  report.setup["before"] = {{"from", panel.periods.front()},
                            {"to", panel.periods[before - 1]},
                            {"periods", before}};
  report.setup["after"] = {{"from", panel.periods[before]},
                           {"to", panel.periods.back()},
                           {"periods", study.input.after()}};
  report.setup["log"] = method.log;
  report.setup["log_controls"] = method.log_controls;
  report.setup["trend"] = method.trend;
  report.setup["season"] = study.form.season;
  report.setup["level"] = 100 * study.level;
  report.warnings = panel.notes;
  Index missing = 0;
  for (const double value : study.input.outcome) missing += std::isnan(value);
  if (missing > 0) {
    report.warnings.push_back(absl::StrCat(
        missing,
        " periods have no outcome: the model passes over those before "
        "the event, and the effect leaves out those after it"));
  }
  return report;
}

namespace {

absl::StatusOr<int> DatesWanted(const std::string& text) {
  int dates = 0;
  if (text == "all") return 0;
  if (absl::SimpleAtoi(text, &dates) && dates >= 1) return dates;
  return absl::InvalidArgumentError(
      absl::StrCat("--placebo-dates \"", text,
                   "\" is none; write all, or a number above 0"));
}

Json RunsOf(const StructuralCase& study, const evidence::PlaceboDates& dates) {
  Json runs = Json::array();
  for (const evidence::PlaceboRun& run : dates.runs) {
    runs.push_back(
        {{"at", study.panel.periods[static_cast<size_t>(run.before)]},
         {"estimate", run.effect.estimate},
         {"standard_error", run.effect.error},
         {"low", run.effect.low},
         {"high", run.effect.high},
         {"excludes_zero", run.effect.excludes_zero()}});
  }
  return runs;
}

NamedTable PlaceboTable(const evidence::PlaceboDates& dates) {
  Table table({{.name = "dates"},
               {.name = "window", .align = Align::kRight},
               {.name = "independent_folds", .align = Align::kRight},
               {.name = "false_alarm_rate", .align = Align::kRight},
               {.name = "p", .align = Align::kRight},
               {.name = "p_floor", .align = Align::kRight}});
  table.AddRow({absl::StrCat(dates.runs.size()), absl::StrCat(dates.window),
                absl::StrCat(dates.independent_folds),
                NumberCell(true, dates.false_alarm_rate),
                NumberCell(true, dates.p), NumberCell(true, dates.p_floor)});
  return {"placebo dates", std::move(table)};
}

void AddPlaceboWarnings(const StructuralCase& study,
                        const evidence::PlaceboDates& dates,
                        const evidence::AverageEffect& actual, Report& report) {
  if (dates.window < study.input.after()) {
    report.warnings.push_back(absl::StrCat(
        "placebo windows have ", dates.window, " periods, the event's ",
        study.input.after(),
        ": errors grow with time, so that placebos look too good"));
  }
  const double expected = 1 - study.level;
  if (dates.false_alarm_rate > 2 * expected) {
    report.warnings.push_back(absl::StrFormat(
        "at dates where nothing happened the same analysis finds an effect in "
        "%.0f %% of cases, where %.0f %% are expected: do not believe its "
        "interval%s",
        100 * dates.false_alarm_rate, 100 * expected,
        dates.critical_distance ? "; average_effect_calibrated is widened by "
                                  "the placebos"
                                : ""));
  }
  if (actual.excludes_zero() && dates.p > expected) {
    report.warnings.push_back(absl::StrFormat(
        "against placebo dates the effect has p = %.3g (at least %.3g is "
        "possible with %d independent windows)",
        dates.p, dates.p_floor, dates.independent_folds));
  }
}

}  // namespace

absl::Status AddPlaceboDates(const StructuralCase& study,
                             const StructuralMethodOptions& method,
                             const evidence::AverageEffect& actual,
                             evidence::EffectEstimator estimate,
                             Report& report) {
  if (method.placebo_dates.empty()) return absl::OkStatus();
  evidence::PlaceboOptions options;
  ASSIGN_OR_RETURN(options.dates, DatesWanted(method.placebo_dates));
  options.least_before =
      2 * study.form.states() + study.input.controls.cols() + 6;
  options.level = study.level;
  const auto dates = RunPlaceboDates(study.input, actual, options, estimate);
  if (!dates.ok()) return Annotate(dates.status(), "--placebo-dates");
  Json json = {{"dates", dates->runs.size()},
               {"window", dates->window},
               {"independent_folds", dates->independent_folds},
               {"false_alarm_rate", dates->false_alarm_rate},
               {"p", dates->p},
               {"p_floor", dates->p_floor}};
  if (dates->critical_distance) {
    json["critical_distance"] = *dates->critical_distance;
    // Never narrower than without placebos.
    const double wide = *dates->critical_distance * actual.error;
    report.results.push_back(
        {"average_effect_calibrated",
         {.estimate = actual.estimate,
          .standard_error = actual.error,
          .low = std::fmin(actual.low, actual.estimate - wide),
          .high = std::fmax(actual.high, actual.estimate + wide),
          .p = dates->p}});
  }
  json["runs"] = RunsOf(study, *dates);
  report.more["placebo_dates"] = std::move(json);
  report.tables.push_back(PlaceboTable(*dates));
  AddPlaceboWarnings(study, *dates, actual, report);
  return absl::OkStatus();
}

void AddResidualRoot(const StructuralCase& study, bool level_is_still,
                     Report& report) {
  const auto root = evidence::TestResidualRoot(
      study.input.outcome.head(study.input.before),
      study.input.controls.topRows(study.input.before));
  if (!root.ok()) {
    report.warnings.push_back(std::string(root.status().message()));
    return;
  }
  report.more["residual_root"] = {{"tau", root->tau},
                                  {"critical_5_percent", root->critical},
                                  {"lags", root->lags},
                                  {"values", root->values},
                                  {"stationary", root->is_stationary()}};
  if (root->is_stationary() || !level_is_still) return;
  report.warnings.push_back(absl::StrFormat(
      "before the event the controls do not keep up with the outcome: a unit "
      "root in what they leave is not rejected (%.2f, above %.2f at 5 %%). "
      "With "
      "a level that hardly moves, such series give false alarms far more often "
      "than the interval says (four of five independent random walks): raise "
      "--prior-level-sd to 0.1, run --placebo-dates all, find better controls",
      root->tau, root->critical));
}

}  // namespace headway::cli
