// headway impact --method did.
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/differences/aggregate.h"
#include "daemon/evidence/differences/permutation.h"
#include "tools/headway/commands/evidence/impact/difference_options.h"

namespace headway::cli {
namespace {

// A unit that is treated throughout has no period before to compare with.
absl::Status CheckHaveBefore(const Staggered& data) {
  std::vector<std::string> always;
  for (size_t i = 0; i < data.panel.units.size(); ++i) {
    if (data.first_treated[i] == 0) always.push_back(data.panel.units[i]);
  }
  if (always.empty()) return absl::OkStatus();
  constexpr size_t kMost = 10;
  const size_t count = always.size();
  always.resize(std::min(kMost, count));
  return absl::InvalidArgumentError(absl::StrCat(
      "--estimator twfe: ", count, " units are treated from the first period, ",
      data.panel.periods.front(), ", on: ", absl::StrJoin(always, ", "),
      count > kMost ? ", ..." : "",
      "; leave them out with --exclude, or choose --estimator cs, which does"));
}

absl::StatusOr<Eigen::MatrixXd> BaseCovariates(const DataTable& table,
                                               const ImpactOptions& impact,
                                               const DifferenceOptions& options,
                                               const Panel& panel) {
  ASSIGN_OR_RETURN(const auto names,
                   ColumnNames(table, options.covariates, "--covariates"));
  Eigen::MatrixXd covariates(static_cast<Eigen::Index>(panel.units.size()),
                             static_cast<Eigen::Index>(names.size()));
  for (size_t j = 0; j < names.size(); ++j) {
    ASSIGN_OR_RETURN(
        const Eigen::MatrixXd values,
        PanelColumn(table, impact.input, panel, names[j], "--covariates"));
    covariates.col(static_cast<Eigen::Index>(j)) =
        values.col(static_cast<Eigen::Index>(panel.first_period));
  }
  return covariates;
}

Estimate AverageEstimate(const evidence::AggregateEffect& effect) {
  return {effect.effect, effect.standard_error, effect.low, effect.high,
          effect.p};
}

std::string NameAt(const Panel& panel, evidence::Aggregation aggregation,
                   int at) {
  if (aggregation == evidence::Aggregation::kDynamic) return absl::StrCat(at);
  return panel.periods[static_cast<size_t>(at)];
}

absl::Status AddAverages(const evidence::GroupTimeResult& found,
                         const ImpactOptions& impact, const Panel& panel,
                         Report& report) {
  using evidence::Aggregation;
  const std::vector<std::pair<std::string, Aggregation>> all = {
      {"simple", Aggregation::kSimple},
      {"dynamic", Aggregation::kDynamic},
      {"group", Aggregation::kGroup},
      {"calendar", Aggregation::kCalendar}};
  const int draws = impact.replications > 0 ? impact.replications : 1000;
  for (const auto& [name, aggregation] : all) {
    ASSIGN_OR_RETURN(
        const evidence::Aggregate average,
        evidence::AggregateEffects(found, {.aggregation = aggregation,
                                           .level = impact.level / 100,
                                           .draws = draws,
                                           .seed = impact.seed,
                                           .clusters = std::nullopt}));
    report.results.push_back({name, AverageEstimate(average.overall)});
    if (average.parts.empty()) continue;
    Json parts = Json::array();
    for (const evidence::AggregateEffect& part : average.parts) {
      parts.push_back({{"at", NameAt(panel, aggregation, part.at)},
                       {"estimate", part.effect},
                       {"standard_error", part.standard_error},
                       {"low", part.low},
                       {"high", part.high},
                       {"p", part.p},
                       {"band_low", part.band_low},
                       {"band_high", part.band_high}});
    }
    report.more[name] = {{"critical_value", average.critical_value},
                         {"effects", parts}};
  }
  report.setup["replications"] = draws;
  report.setup["seed"] = impact.seed;
  return absl::OkStatus();
}

void AddGroupTimes(const evidence::GroupTimeResult& found, const Panel& panel,
                   Report& report) {
  Table table({{.name = "group"},
               {.name = "period"},
               {.name = "att", .align = Align::kRight},
               {.name = "standard_error", .align = Align::kRight}});
  Json rows = Json::array();
  for (const evidence::GroupTimeEffect& one : found.effects) {
    const std::string& group = panel.periods[static_cast<size_t>(one.group)];
    const std::string& period = panel.periods[static_cast<size_t>(one.period)];
    rows.push_back({{"group", group},
                    {"period", period},
                    {"estimate", one.effect},
                    {"standard_error", one.standard_error},
                    {"treated", one.treated},
                    {"controls", one.controls}});
    table.AddRow(
        {group,
         period,
         {FormatNumber(one.effect), FormatExact(one.effect)},
         {FormatNumber(one.standard_error), FormatExact(one.standard_error)}});
  }
  report.more["att_gt"] = std::move(rows);
  report.more["pretrend"] = {{"chi2", found.pretrend_statistic},
                             {"degrees", found.pretrend_degrees},
                             {"p", found.pretrend_p}};
  report.tables.push_back({"att_gt", std::move(table)});
}

absl::StatusOr<Report> RunGroupTime(const DataTable& table,
                                    const ImpactOptions& impact,
                                    const DifferenceOptions& options) {
  ASSIGN_OR_RETURN(const Staggered data, ReadStaggered(table, impact, options));
  evidence::StaggeredPanel panel{data.panel.outcome, data.first_treated, {}};
  ASSIGN_OR_RETURN(panel.covariates,
                   BaseCovariates(table, impact, options, data.panel));
  evidence::GroupTimeOptions how;
  if (options.controls == "notyet") {
    how.controls = evidence::ControlGroup::kNotYetTreated;
  }
  if (options.cs_estimator == "reg") {
    how.estimator = evidence::Estimator::kRegression;
  } else if (options.cs_estimator == "ipw") {
    how.estimator = evidence::Estimator::kWeighting;
  }
  ASSIGN_OR_RETURN(const auto found, evidence::EstimateGroupTime(panel, how));
  Report report;
  report.method = "did";
  report.title = absl::StrCat("group-time effects on ", data.panel.outcome_name,
                              " (Callaway and Sant'Anna)");
  report.setup = {
      {"estimator", "cs"},
      {"outcome", data.panel.outcome_name},
      {"units", found.units.size()},
      {"periods", data.panel.periods},
      {"control_group", options.controls.empty() ? "never" : options.controls},
      {"cs_estimator",
       options.cs_estimator.empty() ? "dr" : options.cs_estimator},
      {"covariates", options.covariates},
      {"base_period", "varying"},
      {"covariance", "influence functions, clustered by unit"},
      {"level", impact.level}};
  report.warnings = data.panel.notes;
  report.warnings.insert(report.warnings.end(), found.warnings.begin(),
                         found.warnings.end());
  RETURN_IF_ERROR(AddAverages(found, impact, data.panel, report));
  AddGroupTimes(found, data.panel, report);
  return report;
}

// Rows of a panel, unit by unit.
struct PanelRows {
  evidence::LinearInput input;
  std::vector<bool> treated;
  std::vector<int> since;  // periods since treatment; far for never
};

constexpr int kNever = 1000000;

PanelRows ToRows(const Staggered& data) {
  PanelRows rows;
  const auto periods = static_cast<int>(data.panel.periods.size());
  const auto units = static_cast<int>(data.panel.units.size());
  evidence::Grouping unit{"unit", {}, units};
  evidence::Grouping time{"period", {}, periods};
  rows.input.y.resize(units * periods);
  for (int i = 0; i < units; ++i) {
    const int first = data.first_treated[static_cast<size_t>(i)];
    for (int t = 0; t < periods; ++t) {
      rows.input.y[i * periods + t] = data.panel.outcome(i, t);
      unit.group.push_back(i);
      time.group.push_back(t);
      rows.treated.push_back(first != evidence::kNeverTreated && t >= first);
      rows.since.push_back(first == evidence::kNeverTreated ? kNever
                                                            : t - first);
    }
  }
  rows.input.effects = {std::move(unit), std::move(time)};
  return rows;
}

absl::StatusOr<evidence::Covariance> UnitCovariance(
    const evidence::LinearFit& fit, Report& report) {
  evidence::CovarianceOptions how(evidence::CovarianceKind::kCluster);
  how.correction = evidence::SmallSample::kFixest;
  how.clusters = {fit.effects[0]};
  ASSIGN_OR_RETURN(evidence::Covariance covariance,
                   evidence::EstimateCovariance(fit, how));
  report.setup["covariance"] = covariance.description;
  return covariance;
}

absl::Status AddEventStudy(PanelRows rows, const ImpactOptions& impact,
                           Report& report) {
  std::set<int> leads(rows.since.begin(), rows.since.end());
  const bool has_never = leads.erase(kNever) > 0;
  leads.erase(-1);
  Json references = Json::array({-1});
  // Without never treated units, event time is unit and period effects plus a
  // slope that nothing tells from a trend: a second lead has to be zero.
  if (!has_never && !leads.empty() && *leads.begin() < 0) {
    const int second = *leads.begin();
    leads.erase(leads.begin());
    references.push_back(second);
    report.warnings.push_back(absl::StrCat(
        "event study: no unit is never treated, so that a second period, ",
        second, ", is a reference beside -1; a trend of the treated cannot be ",
        "seen"));
  }
  report.setup["reference_periods"] = std::move(references);
  const std::vector<int> at(leads.begin(), leads.end());
  rows.input.x = Eigen::MatrixXd::Zero(rows.input.y.size(), at.size());
  rows.input.names.clear();
  for (size_t j = 0; j < at.size(); ++j) {
    rows.input.names.push_back(absl::StrCat(at[j]));
    for (size_t i = 0; i < rows.since.size(); ++i) {
      if (rows.since[i] == at[j]) {
        rows.input.x(static_cast<Eigen::Index>(i),
                     static_cast<Eigen::Index>(j)) = 1;
      }
    }
  }
  const auto fit = evidence::FitLinear(rows.input);
  if (!fit.ok()) {
    report.warnings.push_back(
        absl::StrCat("no event study: ", fit.status().message()));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto covariance, UnitCovariance(*fit, report));
  Json events = Json::array();
  std::vector<int> before;
  for (size_t j = 0; j < at.size(); ++j) {
    const int place = static_cast<int>(j);
    const auto test = evidence::TestCoefficient(
        fit->coefficients[place], covariance.StandardError(place),
        covariance.degrees, impact.level / 100);
    events.push_back({{"at", at[j]},
                      {"estimate", test.estimate},
                      {"standard_error", test.standard_error},
                      {"low", test.low},
                      {"high", test.high},
                      {"p", test.p}});
    if (at[j] < -1) before.push_back(place);
  }
  report.more["event_study"] = std::move(events);
  const auto wald = evidence::TestZero(fit->coefficients, covariance, before);
  if (wald.ok()) {
    report.more["pretrend"] = {{"f", wald->f},
                               {"degrees1", wald->degrees1},
                               {"degrees2", wald->degrees2},
                               {"p", wald->p}};
  }
  return absl::OkStatus();
}

absl::Status AddRandomisation(const Staggered& data,
                              const ImpactOptions& impact, Report& report) {
  const std::set<int> starts(data.first_treated.begin(),
                             data.first_treated.end());
  if (starts.size() != 2 || starts.count(evidence::kNeverTreated) == 0) {
    return absl::OkStatus();
  }
  const Eigen::Index before = *starts.rbegin();
  const Eigen::MatrixXd& y = data.panel.outcome;
  const Eigen::VectorXd change =
      y.rightCols(y.cols() - before).rowwise().mean() -
      y.leftCols(before).rowwise().mean();
  std::vector<bool> treated;
  for (const int first : data.first_treated) treated.push_back(first >= 0);
  const int draws = impact.replications > 0 ? impact.replications : 9999;
  ASSIGN_OR_RETURN(const auto test, evidence::TestRandomisation(
                                        change, treated, draws, impact.seed));
  report.more["randomisation"] = {
      {"difference", test.difference}, {"p", test.p},
      {"least_p", test.least_p},       {"assignments", test.assignments},
      {"enumerated", test.enumerated}, {"seed", test.seed}};
  return absl::OkStatus();
}

absl::StatusOr<Report> RunTwoWay(const DataTable& table,
                                 const ImpactOptions& impact,
                                 const DifferenceOptions& options) {
  ASSIGN_OR_RETURN(const Staggered data, ReadStaggered(table, impact, options));
  RETURN_IF_ERROR(CheckHaveBefore(data));
  PanelRows rows = ToRows(data);
  rows.input.names = {"att"};
  rows.input.x.resize(rows.input.y.size(), 1);
  for (size_t i = 0; i < rows.treated.size(); ++i) {
    rows.input.x(static_cast<Eigen::Index>(i), 0) = rows.treated[i];
  }
  ASSIGN_OR_RETURN(const auto fit, evidence::FitLinear(rows.input));
  Report report;
  report.method = "did";
  report.title =
      absl::StrCat("two-way fixed effects on ", data.panel.outcome_name);
  report.warnings = data.panel.notes;
  report.setup = {{"estimator", "twfe"},
                  {"outcome", data.panel.outcome_name},
                  {"units", data.panel.units.size()},
                  {"periods", data.panel.periods},
                  {"level", impact.level}};
  ASSIGN_OR_RETURN(const auto covariance, UnitCovariance(fit, report));
  report.warnings.insert(report.warnings.end(), covariance.warnings.begin(),
                         covariance.warnings.end());
  report.results.push_back(
      {"att", ToEstimate(evidence::TestCoefficient(
                  fit.coefficients[0], covariance.StandardError(0),
                  covariance.degrees, impact.level / 100))});
  const auto weights = evidence::WeightsOf(fit, rows.treated);
  report.more["weights"] = {{"treated_rows", weights.rows},
                            {"negative", weights.negative},
                            {"negative_sum", weights.negative_sum}};
  if (weights.negative > 0) {
    report.warnings.push_back(absl::StrCat(
        weights.negative, " of ", weights.rows,
        " treated rows count with a negative weight: where effects differ, "
        "this estimate may have the wrong sign; use --estimator cs"));
  }
  RETURN_IF_ERROR(AddEventStudy(std::move(rows), impact, report));
  RETURN_IF_ERROR(AddRandomisation(data, impact, report));
  return report;
}

// An option that the estimator does not use would do nothing.
absl::Status CheckDifferenceOptions(const std::string& estimator,
                                    const ImpactOptions& impact,
                                    const DifferenceOptions& options) {
  struct Use {
    const char* option;
    bool given;
    const char* estimators;
  };
  const std::vector<Use> uses = {
      {"--post", !options.post.empty(), "2x2"},
      {"--treat", !options.treat.empty(), "2x2"},
      {"--cluster", !options.cluster.empty(), "2x2"},
      {"--covariance", !options.covariance.empty(), "2x2"},
      {"--covariates", !options.covariates.empty(), "2x2, cs"},
      {"--group", !options.group.empty(), "twfe, cs"},
      {"--control-group", !options.controls.empty(), "cs"},
      {"--cs-estimator", !options.cs_estimator.empty(), "cs"},
      {"--unit", !impact.input.unit.empty(), "twfe, cs"},
      {"--time", !impact.input.time.empty(), "twfe, cs"},
      {"--from", !impact.input.from.empty(), "twfe, cs"},
      {"--to", !impact.input.to.empty(), "twfe, cs"},
      {"--treated", !impact.treated.empty(), "twfe, cs"},
      {"--at", !impact.at.empty(), "twfe, cs"},
      {"--controls", !impact.controls.empty(), "twfe, cs"},
      {"--exclude", !impact.exclude.empty(), "twfe, cs"},
      {"--drop-incomplete", impact.drop_incomplete, "twfe, cs"},
      {"--replications", impact.replications > 0, "twfe, cs"}};
  for (const Use& use : uses) {
    if (!use.given || absl::StrContains(use.estimators, estimator)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        use.option, " is of --estimator ", use.estimators, ", not of ",
        estimator, "; leave it out, or choose that estimator",
        absl::string_view(use.option) == "--cluster"
            ? " (the others cluster by unit)"
            : ""));
  }
  return absl::OkStatus();
}

absl::StatusOr<Report> RunDifferences(const DataTable& table,
                                      const ImpactOptions& impact,
                                      const DifferenceOptions& options) {
  std::string estimator = options.estimator;
  if (estimator.empty() && !options.post.empty()) estimator = "2x2";
  if (estimator.empty()) estimator = options.group.empty() ? "twfe" : "cs";
  RETURN_IF_ERROR(CheckDifferenceOptions(estimator, impact, options));
  if (estimator == "2x2") return RunDummies(table, impact, options);
  return estimator == "cs" ? RunGroupTime(table, impact, options)
                           : RunTwoWay(table, impact, options);
}

}  // namespace

std::vector<ImpactMethod> AddDifferenceMethods(CLI::App& command) {
  auto options = std::make_shared<DifferenceOptions>();
  std::vector<CLI::Option*> added;
  const auto text = [&](const char* name, std::string& value, const char* help,
                        const char* type) {
    added.push_back(command.add_option(name, value, help)->type_name(type));
    return added.back();
  };
  text("--group", options->group,
       "did: the column of each unit's first treated period; empty, NA, 0 or "
       "Inf is never",
       "COLUMN");
  text("--post", options->post, "did: the column of 1 after the event",
       "COLUMN");
  text("--treat", options->treat, "did: the column of 1 in the treated group",
       "COLUMN");
  text("--covariates", options->covariates,
       "did: columns that are held fixed; cs takes their first period",
       "COLUMN[,COLUMN]");
  text("--cluster", options->cluster, "did: one or two columns of clusters",
       "COLUMN[,COLUMN]");
  text("--estimator", options->estimator,
       "did: two dummies, two-way fixed effects, or Callaway and Sant'Anna",
       "2x2|twfe|cs")
      ->check(CLI::IsMember({"2x2", "twfe", "cs"}).description(""));
  text("--control-group", options->controls,
       "did: whom cs compares with: never treated or not yet treated units",
       "never|notyet")
      ->check(CLI::IsMember({"never", "notyet"}).description(""));
  text("--covariance", options->covariance,
       "did: of 2x2; cluster where --cluster is given",
       "classical|hc0|hc1|hc2|hc3|cluster")
      ->check(
          CLI::IsMember({"classical", "hc0", "hc1", "hc2", "hc3", "cluster"})
              .description(""));
  text("--cs-estimator", options->cs_estimator,
       "did: how cs uses covariates: doubly robust, regression, weighting",
       "dr|reg|ipw")
      ->check(CLI::IsMember({"dr", "reg", "ipw"}).description(""));
  std::vector<ImpactMethod> methods;
  methods.push_back({"did",
                     "difference in differences: two by two, two-way fixed "
                     "effects, staggered (Callaway, Sant'Anna 2021)",
                     std::move(added),
                     [options](const auto& table, const auto& impact) {
                       return RunDifferences(table, impact, *options);
                     }});
  return methods;
}

}  // namespace headway::cli
