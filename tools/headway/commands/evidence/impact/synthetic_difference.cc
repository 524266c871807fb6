// headway impact --method sdid.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/synthetic/difference.h"
#include "daemon/forecast/math/normal.h"
#include "tools/headway/commands/evidence/impact/synthetic_options.h"

namespace headway::cli {
namespace {

using evidence::BlockPanel;
using evidence::DifferenceError;
using evidence::DifferenceEstimator;
using evidence::DifferenceFit;
using evidence::ErrorEstimate;

constexpr int kReplications = 200;

struct NamedEstimator {
  const char* name;
  DifferenceEstimator estimator;
};
// The first is the method; the others stand beside it.
constexpr NamedEstimator kEstimators[] = {
    {"sdid", DifferenceEstimator::kSynthetic},
    {"synth", DifferenceEstimator::kControl},
    {"did", DifferenceEstimator::kDifference}};

// Donors first, as the numerics have it.
BlockPanel ToBlockPanel(const Panel& panel, int before) {
  const auto treated = static_cast<Eigen::Index>(panel.treated);
  const Eigen::Index donors = panel.outcome.rows() - treated;
  BlockPanel block{
      .outcomes = Eigen::MatrixXd(panel.outcome.rows(), panel.outcome.cols()),
      .treated = static_cast<int>(panel.treated),
      .before = before};
  block.outcomes.topRows(donors) = panel.outcome.bottomRows(donors);
  block.outcomes.bottomRows(treated) = panel.outcome.topRows(treated);
  return block;
}

DifferenceError MethodOf(const std::string& name) {
  if (name == "jackknife") return DifferenceError::kJackknife;
  if (name == "bootstrap") return DifferenceError::kBootstrap;
  return DifferenceError::kPlacebo;
}

// Two-sided, of a normal variable.
double NormalP(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

Estimate ToEstimate(double effect, const std::optional<ErrorEstimate>& error,
                    double level) {
  Estimate estimate{.estimate = effect};
  if (!error || !(error->standard_error > 0)) return estimate;
  const double half =
      forecast::NormalQuantile(0.5 + level / 200) * error->standard_error;
  estimate.standard_error = error->standard_error;
  estimate.low = effect - half;
  estimate.high = effect + half;
  estimate.p = NormalP(effect / error->standard_error);
  return estimate;
}

struct DifferenceAnalysis {
  const Panel& panel;
  const ImpactOptions& impact;
  const SyntheticOptions& options;
  BlockPanel block;
  evidence::ErrorOptions errors = {};
  evidence::Workers workers = {};
};

void AddWarningOnce(std::string warning, Report& report) {
  if (!absl::c_linear_search(report.warnings, warning)) {
    report.warnings.push_back(std::move(warning));
  }
}

// Absent with a note where nobody asked for it and it cannot be had.
absl::StatusOr<std::optional<ErrorEstimate>> ErrorOf(
    const DifferenceAnalysis& analysis, DifferenceEstimator estimator,
    const DifferenceFit& fit, Report& report) {
  std::optional<ErrorEstimate> none;
  if (analysis.options.standard_error == "none") return none;
  auto error = EstimateError(analysis.block, estimator, fit, analysis.errors,
                             analysis.workers);
  if (error.ok()) {
    constexpr size_t kFew = 10;
    if (error->estimates.size() < kFew) {
      AddWarningOnce(
          absl::StrCat("standard errors rest on ", error->estimates.size(),
                       " estimates: they are next to worthless, as are "
                       "intervals and p; give more donors"),
          report);
    }
    return std::optional<ErrorEstimate>(*std::move(error));
  }
  if (!analysis.options.standard_error.empty()) {
    // A jackknife of one of those beside it is no reason to stop.
    if (estimator == DifferenceEstimator::kSynthetic) {
      return Annotate(error.status(), "--se");
    }
  }
  AddWarningOnce(absl::StrCat("no standard error: ", error.status().message()),
                 report);
  return none;
}

void AddSdidPeriods(const DifferenceAnalysis& analysis,
                    const DifferenceFit& fit, Report& report) {
  for (size_t t = 0; t < analysis.panel.periods.size(); ++t) {
    const auto at = static_cast<Eigen::Index>(t);
    report.periods.push_back(
        {.period = analysis.panel.periods[t],
         .observed = fit.observed[at],
         .counterfactual = fit.counterfactual[at],
         .effect = fit.observed[at] - fit.counterfactual[at]});
  }
}

void AddSdidWeights(const DifferenceAnalysis& analysis,
                    const DifferenceFit& fit, Report& report) {
  const auto add = [&report](const char* name, const char* column,
                             const std::string* names,
                             const Eigen::VectorXd& weights) {
    Json json = Json::object();
    Table table({{.name = column}, {.name = "weight", .align = Align::kRight}});
    for (Eigen::Index i = 0; i < weights.size(); ++i) {
      json[names[i]] = weights[i];
      if (weights[i] <= 5e-5) continue;
      table.AddRow(
          {names[i], {FormatFixed(weights[i], 4), FormatExact(weights[i])}});
    }
    report.more[name] = std::move(json);
    report.tables.push_back({name, std::move(table)});
  };
  add("unit_weights", "donor",
      analysis.panel.units.data() + analysis.panel.treated, fit.unit_weights);
  add("time_weights", "period", analysis.panel.periods.data(),
      fit.time_weights);
}

Json ErrorJson(const DifferenceAnalysis& analysis,
               const std::optional<ErrorEstimate>& error) {
  if (!error) return Json();
  const bool drawn = analysis.errors.method != DifferenceError::kJackknife &&
                     !error->is_exhaustive;
  return {{"method", analysis.options.standard_error.empty()
                         ? "placebo"
                         : analysis.options.standard_error},
          {"replications", error->estimates.size()},
          {"exhaustive", error->is_exhaustive},
          {"seed", drawn ? Json(analysis.impact.seed) : Json()},
          {"estimates", error->estimates}};
}

// The share of placebos with an effect as great, the treated unit among them.
void AddPlaceboRank(const DifferenceAnalysis& analysis, double effect,
                    const std::optional<ErrorEstimate>& error, Report& report) {
  if (!error || analysis.errors.method != DifferenceError::kPlacebo) return;
  const auto as_great = std::count_if(
      error->estimates.begin(), error->estimates.end(),
      [effect](double one) { return std::abs(one) >= std::abs(effect); });
  const auto count = static_cast<double>(error->estimates.size());
  report.more["placebo_test"] = {
      {"as_great", as_great},
      {"placebos", error->estimates.size()},
      {"p", (1 + static_cast<double>(as_great)) / (1 + count)},
      {"least_p", 1 / (1 + count)}};
}

void DescribeSdid(const DifferenceAnalysis& analysis, Report& report) {
  report.title = absl::StrCat(
      "Synthetic difference in differences of ", analysis.panel.outcome_name,
      " of ",
      absl::StrJoin(analysis.panel.units.begin(),
                    analysis.panel.units.begin() + analysis.panel.treated,
                    ", "),
      " from ",
      analysis.panel.periods[static_cast<size_t>(analysis.block.before)],
      " against ", analysis.panel.controls(), " donors");
  report.warnings = analysis.panel.notes;
  report.setup =
      SharedSetup(analysis.impact, analysis.panel, analysis.block.before);
  report.setup["standard_error"] = analysis.options.standard_error.empty()
                                       ? "placebo"
                                       : analysis.options.standard_error;
  report.setup["level"] = analysis.impact.level;
  report.setup["intervals"] = "normal";
}

absl::StatusOr<Report> SdidReport(const DifferenceAnalysis& analysis) {
  Report report{.method = "sdid"};
  DescribeSdid(analysis, report);
  report.first_treated = static_cast<size_t>(analysis.block.before);
  Json errors = Json::object();
  for (const auto& [name, estimator] : kEstimators) {
    ASSIGN_OR_RETURN(const DifferenceFit fit,
                     FitDifference(analysis.block, estimator));
    ASSIGN_OR_RETURN(const std::optional<ErrorEstimate> error,
                     ErrorOf(analysis, estimator, fit, report));
    report.results.push_back(
        {name, ToEstimate(fit.effect, error, analysis.impact.level)});
    errors[name] = ErrorJson(analysis, error);
    if (estimator != DifferenceEstimator::kSynthetic) continue;
    report.setup["noise_level"] = fit.noise;
    report.setup["unit_ridge"] = fit.unit_ridge;
    report.setup["time_ridge"] = fit.time_ridge;
    report.more["duality_gap"] = fit.duality_gap;
    AddSdidPeriods(analysis, fit, report);
    AddSdidWeights(analysis, fit, report);
    AddPlaceboRank(analysis, fit.effect, error, report);
  }
  report.more["standard_errors"] = std::move(errors);
  return report;
}

}  // namespace

absl::StatusOr<Report> RunSyntheticDifference(const DataTable& table,
                                              const ImpactOptions& impact,
                                              const SyntheticOptions& options) {
  ASSIGN_OR_RETURN(const Panel panel, ImpactPanel(table, impact));
  ASSIGN_OR_RETURN(const size_t before, PeriodsBefore(panel, impact));
  if (panel.controls() == 0) {
    return absl::InvalidArgumentError(
        "no control is left; name some with --controls, or exclude fewer");
  }
  const int threads = ThreadsFor(options);
  ThreadPool pool({.threads = threads - 1});
  return SdidReport(
      {panel,
       impact,
       options,
       ToBlockPanel(panel, static_cast<int>(before)),
       {.method = MethodOf(options.standard_error),
        .replications =
            impact.replications > 0 ? impact.replications : kReplications,
        .seed = impact.seed},
       {&pool, threads}});
}

}  // namespace headway::cli
