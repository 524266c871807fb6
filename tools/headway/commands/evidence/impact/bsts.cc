// headway impact --method bsts.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/counterfactual/draws.h"
#include "daemon/evidence/counterfactual/gibbs.h"
#include "tools/headway/commands/evidence/impact/structural_runs.h"

namespace headway::cli {
namespace {

using evidence::BayesianDraws;
using evidence::BayesianOptions;
using evidence::DrawnImpact;
using evidence::DrawSummary;

// Enough to tell an interval at a placebo date; more would take long.
constexpr int kPlaceboDraws = 1000;
constexpr int kPlaceboBurnIn = 300;
// Fewer leave the interval's ends to chance.
constexpr double kFewEffectiveDraws = 400;
// Levels whose prior lets them move less are still.
constexpr double kStillLevel = 0.1;

BayesianOptions OptionsOf(const StructuralCase& study,
                          const ImpactOptions& options,
                          const StructuralMethodOptions& method) {
  BayesianOptions bayesian;
  bayesian.form = study.form;
  bayesian.level.guess = method.prior_level_sd;
  bayesian.slope.guess = method.prior_level_sd;
  bayesian.draws = method.draws;
  bayesian.burn_in = method.burn_in;
  bayesian.seed = options.seed;
  if (method.prior == "spike-slab") {
    bayesian.regression.expected_size = method.expected_size;
  }
  return bayesian;
}

void AddSetup(const StructuralMethodOptions& method, uint64_t seed,
              Report& report) {
  report.setup["prior_level_sd"] = method.prior_level_sd;
  report.setup["prior"] = method.prior;
  if (method.prior == "spike-slab") {
    report.setup["expected_size"] = method.expected_size;
  }
  report.setup["draws"] = method.draws;
  report.setup["burn_in"] = method.burn_in;
  report.setup["seed"] = seed;
  report.setup["p"] =
      "one-sided tail probability of the posterior, at least 1 / (draws + 1)";
}

Estimate EstimateOf(const DrawSummary& summary) {
  return {.estimate = summary.mean,
          .standard_error = summary.deviation,
          .low = summary.low,
          .high = summary.high};
}

void AddResults(const DrawnImpact& impact, Report& report) {
  const auto add = [&](const char* name, const DrawSummary& summary,
                       bool test) {
    Estimate estimate = EstimateOf(summary);
    if (test) estimate.p = impact.tail_probability;
    report.results.push_back({name, estimate});
  };
  add("average_effect", impact.average, true);
  add("cumulative_effect", impact.cumulative, true);
  if (std::isfinite(impact.relative.mean)) {
    add("relative_effect", impact.relative, true);
    report.results.push_back(
        {"relative_effect_of_means", {.estimate = impact.relative_of_means}});
  } else {
    report.warnings.push_back(
        "there is no relative effect: what would have been is not of one sign "
        "in all draws");
  }
  report.results.push_back(
      {"observed_average", {.estimate = impact.observed_average}});
  report.results.push_back({"observed_sum", {.estimate = impact.observed_sum}});
  add("counterfactual_average", impact.counterfactual_average, false);
  add("counterfactual_sum", impact.counterfactual_sum, false);
}

void AddPeriods(const StructuralCase& study, const Eigen::VectorXd& outcome,
                const DrawnImpact& impact, Report& report) {
  Json cumulative = Json::array();
  for (size_t t = 0; t < study.panel.periods.size(); ++t) {
    const DrawSummary& expected = impact.counterfactual[t];
    const DrawSummary& effect = impact.effect[t];
    const double observed = outcome[static_cast<Eigen::Index>(t)];
    PeriodResult row;
    row.period = study.panel.periods[t];
    if (!std::isnan(observed)) row.observed = observed;
    row.counterfactual = expected.mean;
    row.low = expected.low;
    row.high = expected.high;
    row.effect = effect.mean;
    row.effect_low = effect.low;
    row.effect_high = effect.high;
    report.periods.push_back(std::move(row));
  }
  const auto before = static_cast<size_t>(study.input.before);
  for (size_t i = 0; i < impact.cumulative_effect.size(); ++i) {
    const DrawSummary& sum = impact.cumulative_effect[i];
    cumulative.push_back({{"period", study.panel.periods[before + i]},
                          {"estimate", sum.mean},
                          {"low", sum.low},
                          {"high", sum.high}});
  }
  report.more["cumulative"] = std::move(cumulative);
}

void AddCoefficients(const StructuralCase& study, const BayesianDraws& draws,
                     Report& report) {
  Table table({{.name = "control"},
               {.name = "coefficient", .align = Align::kRight},
               {.name = "standard_deviation", .align = Align::kRight},
               {.name = "inclusion", .align = Align::kRight}});
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < draws.inclusion.size(); ++i) {
    const DrawSummary summary =
        evidence::Summarise(draws.coefficients.col(i + 1), study.level);
    const std::string& name = study.input.control_names[static_cast<size_t>(i)];
    rows.push_back({{"control", name},
                    {"standardised_coefficient", summary.mean},
                    {"standard_deviation", summary.deviation},
                    {"low", summary.low},
                    {"high", summary.high},
                    {"inclusion", draws.inclusion[i]}});
    table.AddRow({name, NumberCell(true, summary.mean),
                  NumberCell(true, summary.deviation),
                  NumberCell(true, draws.inclusion[i])});
  }
  report.more["coefficients"] = std::move(rows);
  report.tables.push_back({"coefficients", std::move(table)});
}

void AddPosterior(const BayesianDraws& draws, const DrawnImpact& impact,
                  Report& report) {
  report.more["posterior"] = {{"irregular_sd", draws.irregular.mean()},
                              {"level_sd", draws.level.mean()},
                              {"slope_sd", draws.slope.mean()},
                              {"season_sd", draws.season.mean()},
                              {"effective_draws", impact.effective_draws},
                              {"p_floor", impact.tail_floor},
                              {"periods_compared", impact.compared}};
  if (impact.effective_draws >= kFewEffectiveDraws) return;
  report.warnings.push_back(absl::StrFormat(
      "the draws are worth %.0f independent ones only; take more --draws",
      impact.effective_draws));
}

evidence::AverageEffect AverageOf(const DrawnImpact& impact) {
  return {impact.average.mean, impact.average.deviation, impact.average.low,
          impact.average.high};
}

}  // namespace

absl::StatusOr<Report> RunBsts(const DataTable& table,
                               const ImpactOptions& options,
                               const StructuralMethodOptions& method) {
  ASSIGN_OR_RETURN(const StructuralCase study,
                   MakeStructuralCase(table, options, method, "none"));
  const BayesianOptions bayesian = OptionsOf(study, options, method);
  ASSIGN_OR_RETURN(BayesianDraws draws,
                   DrawCounterfactual(study.input, bayesian));
  const DrawnImpact in_model = ImpactOf(draws, study.input, study.level);
  Report report = StructuralReport(study, method, "bsts");
  AddSetup(method, options.seed, report);
  evidence::CounterfactualInput natural = study.input;
  if (method.log) {
    natural.outcome = natural.outcome.array().exp();
    draws.counterfactual = draws.counterfactual.array().exp();
  }
  const DrawnImpact impact = ImpactOf(draws, natural, study.level);
  AddResults(impact, report);
  AddPeriods(study, natural.outcome, impact, report);
  AddCoefficients(study, draws, report);
  AddPosterior(draws, impact, report);
  AddResidualRoot(study, method.prior_level_sd < kStillLevel, report);
  BayesianOptions quick = bayesian;
  quick.draws = std::min(bayesian.draws, kPlaceboDraws);
  quick.burn_in = std::min(bayesian.burn_in, kPlaceboBurnIn);
  const auto estimate = [&](const evidence::CounterfactualInput& input)
      -> absl::StatusOr<evidence::AverageEffect> {
    ASSIGN_OR_RETURN(const BayesianDraws some,
                     DrawCounterfactual(input, quick));
    return AverageOf(ImpactOf(some, input, study.level));
  };
  RETURN_IF_ERROR(
      AddPlaceboDates(study, method, AverageOf(in_model), estimate, report));
  return report;
}

}  // namespace headway::cli
