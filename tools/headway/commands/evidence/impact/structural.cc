// headway impact --method structural.
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/counterfactual/likelihood.h"
#include "daemon/forecast/math/normal.h"
#include "tools/headway/commands/evidence/impact/structural_runs.h"

namespace headway::cli {
namespace {

using evidence::StructuralFit;
using evidence::StructuralImpact;
using evidence::StructuralOptions;

// Half the width of an interval, in standard errors.
double WidthOf(double level) {
  return forecast::NormalQuantile(0.5 + level / 2);
}

Estimate NormalEstimate(double estimate, double error, double level) {
  return {.estimate = estimate,
          .standard_error = error,
          .low = estimate - WidthOf(level) * error,
          .high = estimate + WidthOf(level) * error,
          .p = std::erfc(std::fabs(estimate) / error / std::sqrt(2.0))};
}

double PercentOf(double log_effect) { return 100 * std::expm1(log_effect); }

Estimate AsPercent(const Estimate& logs) {
  return {.estimate = PercentOf(logs.estimate),
          .low = PercentOf(*logs.low),
          .high = PercentOf(*logs.high),
          .p = logs.p};
}

void AddResults(const StructuralCase& study, const StructuralImpact& impact,
                bool log, Report& report) {
  const Estimate step =
      NormalEstimate(impact.step, impact.step_error, study.level);
  const Estimate average =
      NormalEstimate(impact.average, impact.average_error, study.level);
  report.results.push_back({"step_effect", step});
  if (log) report.results.push_back({"step_effect_percent", AsPercent(step)});
  report.results.push_back({"average_effect", average});
  if (log) {
    report.results.push_back({"average_effect_percent", AsPercent(average)});
    return;
  }
  const auto count = static_cast<double>(impact.compared);
  report.results.push_back(
      {"cumulative_effect",
       NormalEstimate(count * impact.average, count * impact.average_error,
                      study.level)});
}

// In the outcome's own units: medians, where the model is of logarithms.
void AddPeriods(const StructuralCase& study, const StructuralImpact& impact,
                bool log, Report& report) {
  const auto natural = [log](double value) {
    return log ? std::exp(value) : value;
  };
  const double width = WidthOf(study.level);
  double observed_sum = 0;
  double expected_sum = 0;
  for (Eigen::Index t = 0; t < study.input.periods(); ++t) {
    const Eigen::Index ahead = t - study.input.before;
    const double value = study.input.outcome[t];
    const double expected =
        ahead < 0 ? impact.fitted[t] : impact.forecast.mean[ahead];
    PeriodResult row;
    row.period = study.panel.periods[static_cast<size_t>(t)];
    row.counterfactual = natural(expected);
    row.effect = natural(value) - natural(expected);
    if (!std::isnan(value)) row.observed = natural(value);
    if (ahead >= 0) {
      const double error = std::sqrt(impact.forecast.covariance(ahead, ahead));
      row.low = natural(expected - width * error);
      row.high = natural(expected + width * error);
      row.effect_low = natural(value) - *row.high;
      row.effect_high = natural(value) - *row.low;
      if (row.observed) {
        observed_sum += *row.observed;
        expected_sum += row.counterfactual;
      }
    }
    report.periods.push_back(std::move(row));
  }
  report.more["sums"] = {
      {"observed", observed_sum},
      {log ? "counterfactual_of_medians" : "counterfactual", expected_sum},
      {"periods_compared", impact.compared}};
}

Json FitJson(const StructuralFit& fit, const std::vector<std::string>& names) {
  Json coefficients = Json::array();
  for (Eigen::Index i = 0; i < fit.coefficients.size(); ++i) {
    coefficients.push_back(
        {{"name", names[static_cast<size_t>(i)]},
         {"estimate", fit.coefficients[i]},
         {"standard_error", std::sqrt(fit.coefficient_covariance(i, i))}});
  }
  return {{"log_likelihood", fit.log_likelihood},
          {"convention", "exact diffuse start, 2 pi counted for every value"},
          {"values", fit.values},
          {"diffuse_values", fit.diffuse},
          {"variances",
           {{"irregular", fit.variances.irregular},
            {"level", fit.variances.level},
            {"slope", fit.variances.slope},
            {"season", fit.variances.season}}},
          {"coefficients", std::move(coefficients)}};
}

void AddFits(const StructuralCase& study, const StructuralImpact& impact,
             Report& report) {
  std::vector<std::string> names = study.input.control_names;
  report.more["fit_before"] = FitJson(impact.before, names);
  names.push_back("step");
  report.more["fit_with_step"] = FitJson(impact.with_step, names);
}

}  // namespace

absl::StatusOr<Report> RunStructural(const DataTable& table,
                                     const ImpactOptions& options,
                                     const StructuralMethodOptions& method) {
  ASSIGN_OR_RETURN(const StructuralCase study,
                   MakeStructuralCase(table, options, method, "auto"));
  const StructuralOptions model = {
      .form = study.form, .season_varies = method.season_kind == "stochastic"};
  ASSIGN_OR_RETURN(const StructuralImpact impact,
                   EstimateStructuralImpact(study.input, model));
  Report report = StructuralReport(study, method, "structural");
  report.setup["season_kind"] =
      study.form.season > 1 ? method.season_kind : "none";
  report.setup["p"] = "two-sided, normal, given the variances";
  AddResults(study, impact, method.log, report);
  AddPeriods(study, impact, method.log, report);
  AddFits(study, impact, report);
  AddResidualRoot(study, impact.before.variances.level == 0, report);
  const auto average = [&](const StructuralImpact& of) {
    const double wide = WidthOf(study.level) * of.average_error;
    return evidence::AverageEffect{of.average, of.average_error,
                                   of.average - wide, of.average + wide};
  };
  const auto estimate = [&](const evidence::CounterfactualInput& input)
      -> absl::StatusOr<evidence::AverageEffect> {
    ASSIGN_OR_RETURN(const StructuralImpact of,
                     EstimateStructuralImpact(input, model));
    return average(of);
  };
  RETURN_IF_ERROR(
      AddPlaceboDates(study, method, average(impact), estimate, report));
  return report;
}

}  // namespace headway::cli
