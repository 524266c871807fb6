// headway scenario: what a Bayesian vector autoregression foretells, given the
// path of some series.
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/var/bvar.h"
#include "daemon/evidence/var/conditional.h"
#include "daemon/forecast/math/normal.h"
#include "tools/headway/base/options.h"
#include "tools/headway/commands/evidence/report.h"
#include "tools/headway/commands/evidence/systems/calendar.h"
#include "tools/headway/commands/evidence/systems/commands.h"
#include "tools/headway/commands/evidence/systems/system_options.h"

namespace headway::cli {
namespace {

struct ScenarioOptions {
  FrameOptions frame;
  int lags = 4;
  int horizon = 8;
  std::optional<double> tightness;
  std::string own_lag;
  double constant_precision = 1e-4;
  double sum_of_coefficients = 0;
  double single_unit_root = 0;
  std::vector<std::string> conditions;
  std::string path;
  double level = 95;
  std::string rows;
};

// The step ahead that a text names: "+3", or a period after the last.
absl::StatusOr<int> StepOf(const Frame& frame, absl::string_view text,
                           int horizon, absl::string_view option) {
  int step = 0;
  if (!text.empty() && text[0] == '+') {
    if (!absl::SimpleAtoi(text.substr(1), &step)) step = 0;
  } else {
    for (int h = 1; h <= horizon && step == 0; ++h) {
      if (frame.PeriodAfter(h) == text) step = h;
    }
    if (step == 0 && frame.frequency.has_value()) {
      const auto position = PositionAt(text, *frame.frequency);
      if (position.has_value()) {
        step = static_cast<int>(*position - frame.positions.back());
      }
    }
  }
  if (step >= 1 && step <= horizon) return step;
  return absl::InvalidArgumentError(absl::StrCat(
      option, ": the period ", text, " is not one of the forecast, ",
      frame.PeriodAfter(1), " to ", frame.PeriodAfter(horizon),
      "; write one of these, or +1 to +", horizon));
}

absl::StatusOr<double> NumberOf(absl::string_view text,
                                absl::string_view whole) {
  double value = 0;
  if (absl::SimpleAtod(text, &value) && std::isfinite(value)) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("--condition ", whole, ": ", text,
                   " is no number; write SERIES@PERIOD=VALUE, or "
                   "SERIES@PERIOD=VALUE~DEVIATION for a guess"));
}

// SERIES@PERIOD=VALUE or SERIES@PERIOD=VALUE~DEVIATION. A period may be a range
// FIRST..LAST.
absl::Status ParseCondition(const Frame& frame, int horizon,
                            const std::string& text,
                            std::vector<evidence::Condition>& conditions) {
  const size_t sign = text.rfind('=');
  const size_t at = sign == std::string::npos ? sign : text.rfind('@', sign);
  if (at == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--condition ", text, ": write SERIES@PERIOD=VALUE, as in ",
        frame.names[0], "@", frame.PeriodAfter(1), "=", 1));
  }
  evidence::Condition condition;
  ASSIGN_OR_RETURN(condition.series,
                   ColumnOf(frame, text.substr(0, at), "--condition"));
  std::string value = text.substr(sign + 1);
  const size_t tilde = value.find('~');
  if (tilde != std::string::npos) {
    ASSIGN_OR_RETURN(condition.standard_deviation,
                     NumberOf(value.substr(tilde + 1), text));
    value.resize(tilde);
    if (!(condition.standard_deviation > 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--condition ", text, ": the deviation of a guess must be above 0"));
    }
  }
  ASSIGN_OR_RETURN(condition.value, NumberOf(value, text));
  const std::string when = text.substr(at + 1, sign - at - 1);
  const size_t dots = when.find("..");
  ASSIGN_OR_RETURN(const int first,
                   StepOf(frame, when.substr(0, dots), horizon, "--condition"));
  int last = first;
  if (dots != std::string::npos) {
    ASSIGN_OR_RETURN(
        last, StepOf(frame, when.substr(dots + 2), horizon, "--condition"));
  }
  for (condition.step = first; condition.step <= last; ++condition.step) {
    conditions.push_back(condition);
  }
  return absl::OkStatus();
}

// A table of paths: a column a series, empty where free.
absl::Status ReadPaths(const ScenarioOptions& options, const Frame& frame,
                       std::vector<evidence::Condition>& conditions) {
  FrameOptions input = options.frame;
  input.input.csv = options.path;
  input.input.from.clear();
  input.input.to.clear();
  input.series.clear();
  input.exclude.clear();
  input.transform.clear();
  ASSIGN_OR_RETURN(const Frame paths, ReadFrame(input));
  for (size_t j = 0; j < paths.names.size(); ++j) {
    ASSIGN_OR_RETURN(const int series,
                     ColumnOf(frame, paths.names[j], "--conditions"));
    for (size_t t = 0; t < paths.periods.size(); ++t) {
      const double value = paths.values(t, j);
      if (std::isnan(value)) continue;
      // Rows that are only counted are steps.
      const std::string when = paths.time_column.empty()
                                   ? absl::StrCat("+", t + 1)
                                   : paths.periods[t];
      ASSIGN_OR_RETURN(const int step,
                       StepOf(frame, when, options.horizon, "--conditions"));
      conditions.push_back({series, step, value});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<evidence::Condition>> ConditionsOf(
    const ScenarioOptions& options, const Frame& frame) {
  std::vector<evidence::Condition> conditions;
  for (const std::string& text : options.conditions) {
    RETURN_IF_ERROR(ParseCondition(frame, options.horizon, text, conditions));
  }
  if (!options.path.empty()) {
    RETURN_IF_ERROR(ReadPaths(options, frame, conditions));
  }
  std::map<std::pair<int, int>, double> seen;
  for (const evidence::Condition& c : conditions) {
    if (seen.emplace(std::make_pair(c.series, c.step), c.value).second) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(frame.names[c.series], " in ", frame.PeriodAfter(c.step),
                     " is given twice; give one value"));
  }
  return conditions;
}

// 1 for all, or NAME=0 for those that return to their mean.
absl::StatusOr<std::vector<double>> OwnLags(const std::string& text,
                                            const Frame& frame) {
  std::vector<double> own(frame.names.size(), 1.0);
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const size_t sign = part.rfind('=');
    double value = 0;
    if (!absl::SimpleAtod(
            sign == absl::string_view::npos ? part : part.substr(sign + 1),
            &value)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--own-lag: ", part, " is neither a number nor NAME=NUMBER"));
    }
    if (sign == absl::string_view::npos) {
      own.assign(own.size(), value);
      continue;
    }
    ASSIGN_OR_RETURN(const int column,
                     ColumnOf(frame, part.substr(0, sign), "--own-lag"));
    own[column] = value;
  }
  return own;
}

absl::StatusOr<evidence::Bvar> Fit(const ScenarioOptions& options,
                                   const Frame& frame) {
  evidence::BvarOptions prior;
  prior.lags = options.lags;
  prior.constant_precision = options.constant_precision;
  ASSIGN_OR_RETURN(prior.own_lag, OwnLags(options.own_lag, frame));
  if (options.sum_of_coefficients > 0) {
    prior.sum_of_coefficients = options.sum_of_coefficients;
  }
  if (options.single_unit_root > 0) {
    prior.single_unit_root = options.single_unit_root;
  }
  const evidence::System system = {frame.names, frame.values};
  if (!options.tightness.has_value()) {
    return evidence::FitBvarOfBestTightness(system, prior);
  }
  prior.tightness = *options.tightness;
  return evidence::FitBvar(system, prior);
}

void Describe(const ScenarioOptions& options, const Frame& frame,
              const evidence::Bvar& bvar,
              const std::vector<evidence::Condition>& conditions,
              Report& report) {
  Json& setup = report.setup;
  setup["file"] = options.frame.input.csv;
  setup["time"] = frame.time_column;
  setup["series"] = frame.names;
  setup["transforms"] = frame.transforms;
  setup["from"] = frame.periods.front();
  setup["to"] = frame.periods.back();
  setup["periods"] = frame.periods.size();
  setup["lags"] = options.lags;
  setup["tightness"] = bvar.options.tightness;
  setup["tightness_chosen_by"] =
      options.tightness.has_value() ? "given" : "marginal likelihood";
  setup["own_lag"] = bvar.options.own_lag;
  setup["constant_precision"] = bvar.options.constant_precision;
  setup["sum_of_coefficients"] = bvar.options.sum_of_coefficients.has_value()
                                     ? Json(*bvar.options.sum_of_coefficients)
                                     : Json(nullptr);
  setup["single_unit_root"] = bvar.options.single_unit_root.has_value()
                                  ? Json(*bvar.options.single_unit_root)
                                  : Json(nullptr);
  setup["prior_degrees_of_freedom"] = frame.names.size() + 2;
  setup["horizon"] = options.horizon;
  setup["level"] = options.level;
  setup["uncertainty"] =
      "of shocks, at the posterior mean of coefficients and covariance";
  setup["conditions"] = Json::array();
  for (const evidence::Condition& c : conditions) {
    setup["conditions"].push_back(
        {{"series", frame.names[c.series]},
         {"period", frame.PeriodAfter(c.step)},
         {"step", c.step},
         {"value", c.value},
         {"standard_deviation", c.standard_deviation}});
  }
  report.more["log_marginal_likelihood"] = bvar.log_marginal_likelihood;
  report.more["posterior"] = {
      {"regressors", bvar.regressors},
      {"coefficients", ToJson(bvar.coefficients)},
      {"scale", ToJson(bvar.scale)},
      {"degrees_of_freedom", bvar.degrees},
      {"covariance", ToJson(bvar.covariance)},
      {"residual_scale", std::vector<double>(bvar.residual_scale.begin(),
                                             bvar.residual_scale.end())},
      {"roots", bvar.roots}};
}

void AddPaths(const ScenarioOptions& options, const Frame& frame,
              const evidence::ConditionalForecast& forecast, Report& report) {
  const double z = forecast::NormalQuantile(1 - SizeOf(options.level) / 2);
  Json rows = Json::array();
  Table table({{.name = "series"},
               {.name = "period"},
               {.name = "baseline", .align = Align::kRight},
               {.name = "baseline_sd", .align = Align::kRight},
               {.name = "given", .align = Align::kRight},
               {.name = "sd", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight},
               {.name = "difference", .align = Align::kRight}});
  for (size_t j = 0; j < frame.names.size(); ++j) {
    for (int h = 0; h < options.horizon; ++h) {
      const double base = forecast.baseline(h, j);
      const double base_sd = forecast.baseline_sd(h, j);
      const double mean = forecast.mean(h, j);
      const double sd = forecast.sd(h, j);
      const std::string period = frame.PeriodAfter(h + 1);
      rows.push_back({{"series", frame.names[j]},
                      {"period", period},
                      {"step", h + 1},
                      {"baseline", base},
                      {"baseline_sd", base_sd},
                      {"baseline_low", base - z * base_sd},
                      {"baseline_high", base + z * base_sd},
                      {"mean", mean},
                      {"sd", sd},
                      {"low", mean - z * sd},
                      {"high", mean + z * sd},
                      {"difference", mean - base}});
      table.AddRow({frame.names[j], period, Number(base), Number(base_sd),
                    Number(mean), Number(sd), Number(mean - z * sd),
                    Number(mean + z * sd), Number(mean - base)});
    }
  }
  report.more["paths"] = std::move(rows);
  report.tables.push_back({"paths", std::move(table)});
}

void AddPlausibility(const evidence::ConditionalForecast& forecast,
                     Report& report) {
  if (forecast.degrees == 0) {
    report.warnings.push_back(
        "no condition was given, so that this is the baseline; see "
        "--condition");
    return;
  }
  report.more["plausibility"] = {
      {"mahalanobis", forecast.distance},
      {"df", forecast.degrees},
      {"p", forecast.p},
      {"verdict", forecast.implausible() ? "implausible" : "plausible"}};
  report.more["disagreement_of_algorithms"] = forecast.disagreement;
  report.more["reading"] = "given the path, not because of it";
  Table table({{.name = "mahalanobis", .align = Align::kRight},
               {.name = "df", .align = Align::kRight},
               {.name = "p", .align = Align::kRight},
               {.name = "verdict"}});
  table.AddRow({Number(forecast.distance), CountCell(forecast.degrees),
                Number(forecast.p),
                forecast.implausible() ? "implausible" : "plausible"});
  report.tables.push_back({"plausibility", std::move(table)});
  report.warnings.push_back(
      "this is the forecast given the path, not because of it: the path "
      "selects "
      "the shocks that bring it about, whatever they are");
  if (forecast.implausible()) {
    report.warnings.push_back(absl::StrCat(
        "the conditions are implausible: of baselines, ", forecast.p,
        " lie as far or farther (beyond the shell of 99 %), so that a model of "
        "the past says little about them"));
  }
}

absl::Status RunScenario(const Context& context,
                         const ScenarioOptions& options) {
  ASSIGN_OR_RETURN(Frame frame, ReadFrame(options.frame));
  ASSIGN_OR_RETURN(frame, WithoutGaps(std::move(frame)));
  ASSIGN_OR_RETURN(const std::vector<evidence::Condition> conditions,
                   ConditionsOf(options, frame));
  ASSIGN_OR_RETURN(const evidence::Bvar bvar, Fit(options, frame));
  const evidence::Dynamics dynamics = {bvar.coefficients, bvar.covariance,
                                       options.lags,
                                       frame.values.bottomRows(options.lags)};
  ASSIGN_OR_RETURN(
      const evidence::ConditionalForecast forecast,
      evidence::ForecastGiven(dynamics, options.horizon, conditions));
  Report report;
  report.method = "bvar_conditional_forecast";
  report.title = absl::StrCat(
      "BVAR(", options.lags, ") of ", absl::StrJoin(frame.names, ", "), ", ",
      frame.periods.front(), " to ", frame.periods.back(), ", tightness ",
      bvar.options.tightness, ", given ", conditions.size(), " conditions");
  report.warnings = frame.notes;
  Describe(options, frame, bvar, conditions, report);
  AddPaths(options, frame, forecast, report);
  AddPlausibility(forecast, report);
  if (!bvar.roots.empty() && bvar.roots.front() > 1) {
    report.warnings.push_back(
        absl::StrCat("the largest root of the system is ", bvar.roots.front(),
                     ", above 1: far forecasts grow without bound"));
  }
  return PrintReport(context, report,
                     options.rows.empty() ? "paths" : options.rows);
}

void AddPrior(CLI::App& command, ScenarioOptions& options) {
  command.add_option("--lags", options.lags, "Lags of every series")
      ->check(CLI::Range(1, 60))
      ->capture_default_str();
  command
      .add_option("--tightness", options.tightness,
                  "Lambda of the Minnesota prior; without it the one with the "
                  "highest marginal likelihood")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--own-lag", options.own_lag,
                  "Prior mean of own first lags: 1 (the usual) for series that "
                  "wander, 0 for those that return: 0, or NAME=0,NAME=0")
      ->type_name("NUMBER|NAME=NUMBER[,…]");
  command
      .add_option("--sum-of-coefficients", options.sum_of_coefficients,
                  "Tau of the prior that each series stays where it is; 0 for "
                  "none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--single-unit-root", options.single_unit_root,
                  "Mu of the prior that all stay where they are; 0 for none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--constant-precision", options.constant_precision,
                  "Inverse of the prior's standard deviation of constants")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

void AddScenarioCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<ScenarioOptions>();
  CLI::App* command = app.add_subcommand(
      "scenario",
      "Forecast several series given the path of some: a Bayesian vector "
      "autoregression, its baseline, the difference, and how plausible the "
      "path is");
  AddFrameOptions(*command, options->frame);
  AddPrior(*command, *options);
  command->add_option("--horizon", options->horizon, "Steps ahead")
      ->check(CLI::Range(1, 400))
      ->capture_default_str();
  command
      ->add_option("--condition", options->conditions,
                   "A value that is given, again for each: "
                   "tbill@2010Q1=2, tbill@+1..+8=2 for several steps, "
                   "tbill@2010Q1=2~0.5 for a guess with that deviation")
      ->type_name("SERIES@PERIOD=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--conditions", options->path,
                   "The same as a table: periods, then a column a series, "
                   "empty where free")
      ->type_name("FILE");
  command->add_option("--level", options->level, "Of intervals, in percent")
      ->check(CLI::Range(50.0, 99.99))
      ->capture_default_str();
  command
      ->add_option("--rows", options->rows,
                   "Which table --format csv writes: paths, plausibility")
      ->type_name("NAME");
  command->footer(
      "Example:\n  headway scenario --csv data.csv --lags 4 --tightness 0.2 "
      "--horizon 8 --condition tbill@+1..+8=2");
  SetAction(*command, context,
            [&context, options] { return RunScenario(context, *options); });
}

}  // namespace headway::cli
