// headway impact --method synth.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/synthetic/placebos.h"
#include "tools/headway/commands/evidence/impact/synthetic_options.h"

namespace headway::cli {
namespace {

using evidence::ControlFit;
using evidence::VMethod;
using Fits = std::vector<absl::StatusOr<ControlFit>>;

constexpr int kGroupDraws = 1000;
// Of the treated unit's standard deviation before: above it a fit is poor.
constexpr double kPoorFit = 0.5;

absl::StatusOr<std::vector<double>> ParseV(absl::string_view text) {
  std::vector<double> v;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    double number = 0;
    if (!absl::SimpleAtod(part, &number) || !std::isfinite(number) ||
        number < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--v: \"", part,
                       "\" is not a number that is zero or more; write "
                       "one for each predictor, as in 0.5,0.3,0.2"));
    }
    v.push_back(number);
  }
  return v;
}

absl::StatusOr<evidence::ControlOptions> ToControlOptions(
    const SyntheticOptions& options) {
  evidence::ControlOptions control;
  const bool has_predictors = !options.predictors.empty();
  if (!options.v.empty()) {
    control.v_method = VMethod::kFixed;
    ASSIGN_OR_RETURN(control.v, ParseV(options.v));
  } else if (options.v_method == "equal") {
    control.v_method = VMethod::kEqual;
  } else if (options.v_method == "regression") {
    control.v_method = VMethod::kRegression;
  } else if (options.v_method == "outcomes" ||
             (options.v_method.empty() && !has_predictors)) {
    control.v_method = VMethod::kOutcomes;
  }
  if (control.v_method == VMethod::kOutcomes && has_predictors) {
    return absl::InvalidArgumentError(
        "--v-method outcomes uses no predictors; leave out --predictor or "
        "choose nested");
  }
  if (control.v_method != VMethod::kOutcomes && !has_predictors) {
    return absl::InvalidArgumentError(
        "there are no predictors to weigh; name them with --predictor, or "
        "choose --v-method outcomes");
  }
  return control;
}

absl::string_view VMethodName(VMethod method) {
  switch (method) {
    case VMethod::kFixed:
      return "fixed";
    case VMethod::kEqual:
      return "equal";
    case VMethod::kRegression:
      return "regression";
    case VMethod::kNested:
      return "nested";
    case VMethod::kOutcomes:
      break;
  }
  return "outcomes";
}

// Everything that was computed for one panel.
struct ControlAnalysis {
  const Panel& panel;
  const ImpactOptions& impact;
  const SyntheticOptions& options;
  const ControlInput& input;
  evidence::ControlOptions how;
  std::vector<int> treated = {};
  std::vector<int> donors = {};
  std::vector<ControlFit> fits = {};
  Fits placebos = {};
};

std::string UnitName(const ControlAnalysis& analysis, int unit) {
  return analysis.panel.units[static_cast<size_t>(unit)];
}

double SpreadBefore(const ControlAnalysis& analysis, const ControlFit& fit) {
  const Eigen::VectorXd before = analysis.input.data.outcomes.row(fit.treated)
                                     .head(analysis.input.data.before)
                                     .transpose();
  return std::sqrt((before.array() - before.mean()).square().mean());
}

Json FitJson(const ControlAnalysis& analysis, const ControlFit& fit) {
  const double rmspe = std::sqrt(fit.pre_mspe);
  return {{"pre_mspe", fit.pre_mspe},
          {"pre_rmspe", rmspe},
          {"pre_rmspe_by_sd", rmspe / SpreadBefore(analysis, fit)},
          {"fit_mspe", fit.fit_mspe},
          {"post_mspe", fit.post_mspe},
          {"mspe_ratio", fit.ratio},
          {"inner_value", fit.inner_value},
          {"duality_gap", fit.duality_gap}};
}

Json WeightsJson(const ControlAnalysis& analysis, const ControlFit& fit) {
  Json weights = Json::object();
  for (size_t j = 0; j < fit.donors.size(); ++j) {
    weights[UnitName(analysis, fit.donors[j])] =
        fit.weights[static_cast<Eigen::Index>(j)];
  }
  return weights;
}

Json PredictorsJson(const ControlAnalysis& analysis, const ControlFit& fit) {
  Json predictors = Json::array();
  for (size_t k = 0; k < fit.v.size(); ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    predictors.push_back({{"name", analysis.input.predictors[k].text},
                          {"treated", fit.predictors_treated[row]},
                          {"synthetic", fit.predictors_synthetic[row]},
                          {"donors", fit.predictors_donors[row]},
                          {"v", fit.v[k]}});
  }
  return predictors;
}

Json SearchJson(const ControlFit& fit) {
  Json starts = Json::array();
  for (const evidence::SearchStart& start : fit.starts) {
    starts.push_back({{"start", start.name},
                      {"mspe_at_start", start.initial},
                      {"mspe_reached", start.reached}});
  }
  return {{"mspe_reached", fit.fit_mspe},
          {"starts_agree", fit.starts_agree},
          {"starts", starts}};
}

Json SpaceJson(const ControlAnalysis& analysis,
               const evidence::SpaceTest& test) {
  Json units = Json::array();
  for (const evidence::Placebo& one : test.placebos) {
    Json unit = {{"unit", UnitName(analysis, one.unit)},
                 {"pre_mspe", one.pre_mspe},
                 {"post_mspe", one.post_mspe},
                 {"mspe_ratio", one.ratio},
                 {"effect", one.effect}};
    unit["rank"] = one.rank > 0 ? Json(one.rank) : Json();
    units.push_back(std::move(unit));
  }
  return {{"rank", test.rank},
          {"counted", test.counted},
          {"p", test.p},
          {"least_p", test.least_p},
          {"p_of_effect", test.p_effect},
          {"units", units},
          {"failures", test.failures}};
}

Table WeightTable(const ControlAnalysis& analysis) {
  std::vector<Column> columns = {{.name = "donor"}};
  for (const ControlFit& fit : analysis.fits) {
    columns.push_back({.name = analysis.fits.size() == 1
                                   ? "weight"
                                   : UnitName(analysis, fit.treated),
                       .align = Align::kRight});
  }
  Table table(std::move(columns));
  for (size_t j = 0; j < analysis.donors.size(); ++j) {
    std::vector<Cell> cells = {UnitName(analysis, analysis.donors[j])};
    double most = 0;
    for (const ControlFit& fit : analysis.fits) {
      const double weight = fit.weights[static_cast<Eigen::Index>(j)];
      most = std::max(most, weight);
      cells.push_back({FormatFixed(weight, 4), FormatExact(weight)});
    }
    if (most > 5e-5) table.AddRow(std::move(cells));
  }
  return table;
}

Table PredictorTable(const ControlAnalysis& analysis, const ControlFit& fit) {
  Table table({{.name = "predictor"},
               {.name = "treated", .align = Align::kRight},
               {.name = "synthetic", .align = Align::kRight},
               {.name = "donors", .align = Align::kRight},
               {.name = "v", .align = Align::kRight}});
  for (size_t k = 0; k < fit.v.size(); ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    table.AddRow({analysis.input.predictors[k].text,
                  NumberCell(true, fit.predictors_treated[row]),
                  NumberCell(true, fit.predictors_synthetic[row]),
                  NumberCell(true, fit.predictors_donors[row]),
                  NumberCell(true, fit.v[k])});
  }
  return table;
}

// `most`: how many people see; 0 is all.
Table PlaceboTable(const ControlAnalysis& analysis,
                   const evidence::SpaceTest& test, size_t most) {
  Table table({{.name = "rank", .align = Align::kRight},
               {.name = "unit"},
               {.name = "mspe_ratio", .align = Align::kRight},
               {.name = "pre_mspe", .align = Align::kRight},
               {.name = "post_mspe", .align = Align::kRight},
               {.name = "effect", .align = Align::kRight}});
  size_t rows = 0;
  for (const evidence::Placebo& one : test.placebos) {
    if (most > 0 && rows++ >= most) break;
    table.AddRow({one.rank > 0 ? CountCell(one.rank) : MissingCell(),
                  UnitName(analysis, one.unit), NumberCell(true, one.ratio),
                  NumberCell(true, one.pre_mspe),
                  NumberCell(true, one.post_mspe),
                  NumberCell(true, one.effect)});
  }
  return table;
}

Json SetupJson(const ControlAnalysis& analysis) {
  const evidence::ControlData& data = analysis.input.data;
  Json setup = SharedSetup(analysis.impact, analysis.panel, data.before);
  setup["fit"] = {{"from", data.periods[static_cast<size_t>(data.fit_begin)]},
                  {"to", data.periods[static_cast<size_t>(data.fit_end - 1)]}};
  setup["v_method"] = VMethodName(analysis.how.v_method);
  setup["v"] =
      analysis.how.v_method == VMethod::kFixed ? Json(analysis.how.v) : Json();
  Json predictors = Json::array();
  for (const PredictorChoice& choice : analysis.input.predictors) {
    predictors.push_back(
        {{"name", choice.text},
         {"column", choice.column},
         {"periods", DescribePeriods(analysis.panel, choice.periods)}});
  }
  setup["predictors"] = predictors;
  setup["predictor_scale"] =
      "standard deviation over the treated unit and its donors";
  setup["placebos"] = !analysis.options.no_placebos;
  setup["placebo_pool"] = analysis.options.placebo_pool;
  const auto factor = [](double value) {
    return value > 0 ? Json(value) : Json();
  };
  setup["drop_poor_fit"] = factor(analysis.options.drop_poor_fit);
  setup["drop_good_fit"] = factor(analysis.options.drop_good_fit);
  return setup;
}

void AddPeriods(const ControlAnalysis& analysis, Report& report) {
  const auto count = static_cast<double>(analysis.fits.size());
  for (size_t t = 0; t < analysis.panel.periods.size(); ++t) {
    PeriodResult period{.period = analysis.panel.periods[t], .observed = 0.0};
    for (const ControlFit& fit : analysis.fits) {
      const auto at = static_cast<Eigen::Index>(t);
      period.counterfactual += fit.synthetic[at] / count;
      period.effect += fit.gaps[at] / count;
      *period.observed += (fit.synthetic[at] + fit.gaps[at]) / count;
    }
    report.periods.push_back(std::move(period));
  }
}

void AddEffects(const ControlAnalysis& analysis, std::optional<double> p,
                Report& report) {
  const auto before = static_cast<size_t>(analysis.input.data.before);
  double sum = 0;
  double synthetic = 0;
  for (size_t t = before; t < report.periods.size(); ++t) {
    sum += report.periods[t].effect;
    synthetic += report.periods[t].counterfactual;
  }
  const auto after = static_cast<double>(report.periods.size() - before);
  report.results.push_back({"att", {.estimate = sum / after, .p = p}});
  report.results.push_back({"cumulative_effect", {.estimate = sum}});
  if (synthetic != 0) {
    report.results.push_back(
        {"relative_effect", {.estimate = sum / synthetic}});
  }
}

void WarnOfFit(const ControlAnalysis& analysis, const ControlFit& fit,
               Report& report) {
  const std::string name = UnitName(analysis, fit.treated);
  const double rmspe = std::sqrt(fit.pre_mspe);
  const double spread = SpreadBefore(analysis, fit);
  if (rmspe > kPoorFit * spread) {
    report.warnings.push_back(absl::StrCat(
        "the fit of ", name, " before is poor: the root mean squared gap is ",
        FormatNumber(rmspe), ", its own standard deviation ",
        FormatNumber(spread), "; do not read its effect"));
  }
  if (!fit.starts_agree) {
    double least = fit.starts[0].reached;
    double most = least;
    for (const evidence::SearchStart& start : fit.starts) {
      least = std::min(least, start.reached);
      most = std::max(most, start.reached);
    }
    report.warnings.push_back(absl::StrCat(
        "the search for V of ", name, " has several ends: mean squared gaps ",
        FormatNumber(least), " to ", FormatNumber(most),
        ", of which the least is kept; V is not identified, and is no measure "
        "of a predictor's importance"));
  }
}

// Every one of the panel's placebos again, at earlier dates.
absl::StatusOr<Json> EarlierJson(const ControlAnalysis& analysis, int before) {
  Json results = Json::array();
  for (const ControlFit& fit : analysis.fits) {
    ASSIGN_OR_RETURN(const evidence::EarlierFit earlier,
                     FitEarlier(analysis.input.data, fit.treated, fit.donors,
                                analysis.how, before));
    results.push_back(
        {{"unit", UnitName(analysis, fit.treated)},
         {"at", analysis.panel.periods[static_cast<size_t>(before)]},
         {"effect", earlier.effect},
         {"pre_mspe", earlier.fit.pre_mspe},
         {"post_mspe", earlier.mspe},
         {"mspe_ratio", earlier.fit.ratio},
         {"predictors_shortened", earlier.shortened}});
  }
  return results;
}

absl::Status AddInTime(const ControlAnalysis& analysis, Report& report) {
  if (analysis.options.placebo_at.empty()) return absl::OkStatus();
  Json all = Json::array();
  for (const absl::string_view text :
       absl::StrSplit(analysis.options.placebo_at, ',')) {
    ASSIGN_OR_RETURN(const size_t place,
                     analysis.panel.axis.Find(text, "--placebo-at"));
    const auto before =
        static_cast<int>(place) - static_cast<int>(analysis.panel.first_period);
    auto one = EarlierJson(analysis, before);
    if (!one.ok()) return Annotate(one.status(), "--placebo-at");
    for (Json& result : *one) all.push_back(std::move(result));
  }
  Table table({{.name = "at"},
               {.name = "unit"},
               {.name = "effect", .align = Align::kRight},
               {.name = "pre_mspe", .align = Align::kRight},
               {.name = "post_mspe", .align = Align::kRight}});
  for (const Json& one : all) {
    table.AddRow({one["at"].get<std::string>(), one["unit"].get<std::string>(),
                  NumberCell(true, one["effect"].get<double>()),
                  NumberCell(true, one["pre_mspe"].get<double>()),
                  NumberCell(true, one["post_mspe"].get<double>())});
  }
  report.more["placebos_in_time"] = std::move(all);
  report.tables.push_back({"placebos_in_time", std::move(table)});
  return absl::OkStatus();
}

absl::Status AddHeldOut(const ControlAnalysis& analysis, Report& report) {
  const int before = analysis.input.data.before;
  const int count = analysis.options.hold_out.value_or(before / 4);
  report.setup["hold_out"] = count;
  if (count == 0) return absl::OkStatus();
  auto held_out = EarlierJson(analysis, before - count);
  if (!held_out.ok()) {
    if (analysis.options.hold_out) {
      return Annotate(held_out.status(), "--hold-out");
    }
    report.warnings.push_back(absl::StrCat("no fit with periods held out: ",
                                           held_out.status().message()));
    return absl::OkStatus();
  }
  report.more["held_out"] = *std::move(held_out);
  return absl::OkStatus();
}

absl::Status AddLeaveOneOut(const ControlAnalysis& analysis,
                            const evidence::Workers& workers, Report& report) {
  Table table({{.name = "without"},
               {.name = "unit"},
               {.name = "effect", .align = Align::kRight},
               {.name = "pre_mspe", .align = Align::kRight},
               {.name = "mspe_ratio", .align = Align::kRight}});
  Json all = Json::array();
  for (const ControlFit& fit : analysis.fits) {
    const auto without =
        LeaveOneOut(analysis.input.data, fit, analysis.how, workers);
    if (!without.ok()) {
      report.warnings.push_back(absl::StrCat("no fits without one donor: ",
                                             without.status().message()));
      return absl::OkStatus();
    }
    for (const evidence::LeftOut& one : *without) {
      const std::string donor = UnitName(analysis, one.donor);
      const std::string unit = UnitName(analysis, fit.treated);
      all.push_back({{"without", donor},
                     {"unit", unit},
                     {"effect", one.fit.effect},
                     {"pre_mspe", one.fit.pre_mspe},
                     {"post_mspe", one.fit.post_mspe},
                     {"mspe_ratio", one.fit.ratio}});
      table.AddRow({donor, unit, NumberCell(true, one.fit.effect),
                    NumberCell(true, one.fit.pre_mspe),
                    NumberCell(true, one.fit.ratio)});
    }
  }
  report.more["leave_one_out"] = std::move(all);
  report.tables.push_back({"leave_one_out", std::move(table)});
  return absl::OkStatus();
}

void WarnOfLeastP(const ControlAnalysis& analysis, double least, int counted,
                  Report& report) {
  const double asked = 1 - analysis.impact.level / 100;
  std::string text = absl::StrCat("p counts ranks among ", counted,
                                  " units: it cannot be below 1/", counted,
                                  " = ", FormatNumber(least));
  if (least > asked) {
    absl::StrAppend(&text, ", so nothing can pass at ", FormatNumber(asked));
  }
  report.warnings.push_back(std::move(text));
}

// The p of the treated unit, or of the mean of several.
absl::StatusOr<std::optional<double>> AddInSpace(
    const ControlAnalysis& analysis, std::vector<Json>& units, Report& report) {
  std::optional<double> p;
  if (analysis.options.no_placebos) return p;
  if (analysis.donors.size() < 2) {
    report.warnings.push_back(
        "one donor: the synthetic unit is that donor, and there is no placebo "
        "to compare with");
    return p;
  }
  for (size_t i = 0; i < analysis.fits.size(); ++i) {
    ASSIGN_OR_RETURN(
        const evidence::SpaceTest test,
        TestInSpace(analysis.input.data, analysis.fits[i], analysis.placebos,
                    {.drop_poor_fit = analysis.options.drop_poor_fit,
                     .drop_good_fit = analysis.options.drop_good_fit}));
    units[i]["placebos"] = SpaceJson(analysis, test);
    if (i == 0) {
      constexpr size_t kShown = 10;
      const bool one = analysis.fits.size() == 1;
      report.tables.push_back(
          {"greatest placebos", PlaceboTable(analysis, test, kShown), one});
      report.tables.push_back(
          {"placebos", PlaceboTable(analysis, test, 0), false});
      WarnOfLeastP(analysis, test.least_p, test.counted, report);
      p = test.p;
    }
    for (const std::string& failure : test.failures) {
      report.warnings.push_back(absl::StrCat("a placebo failed: ", failure));
    }
  }
  if (analysis.fits.size() == 1) return p;
  ASSIGN_OR_RETURN(
      const evidence::GroupTest group,
      TestGroup(analysis.input.data, analysis.fits, analysis.placebos,
                analysis.impact.replications > 0 ? analysis.impact.replications
                                                 : kGroupDraws,
                analysis.impact.seed));
  report.more["placebo_groups"] = {{"groups", group.groups},
                                   {"exhaustive", group.is_exhaustive},
                                   {"seed", analysis.impact.seed},
                                   {"mspe_ratio", group.ratio},
                                   {"p", group.p},
                                   {"least_p", group.least_p}};
  return std::optional<double>(group.p);
}

void AddUnits(std::vector<Json> units, Report& report) {
  if (units.size() == 1) {
    for (const auto& [name, value] : units[0].items()) {
      if (name != "unit") report.more[name] = value;
    }
    return;
  }
  report.more["units"] = std::move(units);
}

Json UnitJson(const ControlAnalysis& analysis, const ControlFit& fit) {
  Json unit = Json::object();
  unit["unit"] = UnitName(analysis, fit.treated);
  unit["effect"] = fit.effect;
  unit["fit"] = FitJson(analysis, fit);
  unit["weights"] = WeightsJson(analysis, fit);
  if (!fit.v.empty()) unit["predictors"] = PredictorsJson(analysis, fit);
  if (!fit.starts.empty()) unit["v_search"] = SearchJson(fit);
  return unit;
}

absl::StatusOr<Report> MakeReport(const ControlAnalysis& analysis,
                                  const evidence::Workers& workers) {
  Report report{.method = "synth"};
  report.title = absl::StrCat(
      "Synthetic control of ", analysis.panel.outcome_name, " of ",
      absl::StrJoin(analysis.panel.units.begin(),
                    analysis.panel.units.begin() + analysis.panel.treated,
                    ", "),
      " from ",
      analysis.panel.periods[static_cast<size_t>(analysis.input.data.before)],
      " against ", analysis.donors.size(), " donors, V ",
      VMethodName(analysis.how.v_method));
  report.warnings = analysis.panel.notes;
  report.setup = SetupJson(analysis);
  AddPeriods(analysis, report);
  report.tables.push_back({"weights", WeightTable(analysis)});
  std::vector<Json> units;
  for (const ControlFit& fit : analysis.fits) {
    units.push_back(UnitJson(analysis, fit));
    WarnOfFit(analysis, fit, report);
  }
  if (!analysis.fits[0].v.empty()) {
    report.tables.push_back({"predictors",
                             PredictorTable(analysis, analysis.fits[0]),
                             analysis.fits.size() == 1});
  }
  report.first_treated = static_cast<size_t>(analysis.input.data.before);
  for (const auto& placebo : analysis.placebos) {
    if (!placebo.ok()) continue;
    const Eigen::VectorXd& gaps = placebo->gaps;
    report.placebo_effects.emplace_back(gaps.data(), gaps.data() + gaps.size());
  }
  ASSIGN_OR_RETURN(const std::optional<double> p,
                   AddInSpace(analysis, units, report));
  AddEffects(analysis, p, report);
  AddUnits(std::move(units), report);
  RETURN_IF_ERROR(AddHeldOut(analysis, report));
  RETURN_IF_ERROR(AddInTime(analysis, report));
  RETURN_IF_ERROR(AddLeaveOneOut(analysis, workers, report));
  return report;
}

}  // namespace

absl::StatusOr<Report> RunSyntheticControl(const DataTable& table,
                                           const ImpactOptions& impact,
                                           const SyntheticOptions& options) {
  ASSIGN_OR_RETURN(evidence::ControlOptions how, ToControlOptions(options));
  ASSIGN_OR_RETURN(Panel panel, ImpactPanel(table, impact));
  ASSIGN_OR_RETURN(const ControlInput input,
                   MakeControlInput(table, impact, options, panel));
  ControlAnalysis analysis{panel, impact, options, input, std::move(how)};
  for (int unit = 0; unit < static_cast<int>(panel.units.size()); ++unit) {
    const bool is_treated = unit < static_cast<int>(panel.treated);
    (is_treated ? analysis.treated : analysis.donors).push_back(unit);
  }
  const int threads = ThreadsFor(options);
  ThreadPool pool({.threads = threads - 1});
  const evidence::Workers workers{&pool, threads};
  for (const int unit : analysis.treated) {
    ASSIGN_OR_RETURN(ControlFit fit, FitControl(input.data, unit,
                                                analysis.donors, analysis.how));
    analysis.fits.push_back(std::move(fit));
  }
  if (!options.no_placebos && analysis.donors.size() > 1) {
    analysis.placebos =
        FitPlacebos(input.data, analysis.treated, analysis.donors, analysis.how,
                    options.placebo_pool == "with-treated"
                        ? evidence::PlaceboPool::kWithTreated
                        : evidence::PlaceboPool::kWithoutTreated,
                    workers);
  }
  return MakeReport(analysis, workers);
}

}  // namespace headway::cli
