// headway test var: a vector autoregression, what it foretells, how shocks
// travel through it, and whether it fits.
#include "daemon/evidence/var/var.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/var/residual_tests.h"
#include "daemon/evidence/var/responses.h"
#include "daemon/evidence/var/unit_root.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/student.h"
#include "tools/headway/base/options.h"
#include "tools/headway/commands/evidence/report.h"
#include "tools/headway/commands/evidence/systems/commands.h"
#include "tools/headway/commands/evidence/systems/system_options.h"

namespace headway::cli {
namespace {

struct VarCommandOptions {
  SystemOptions system;
  int horizon = 8;
  int steps = 10;
  int portmanteau = 16;
  int draws = 500;
  uint64_t seed = 1;
};

void AddCoefficients(const evidence::Var& var, Report& report) {
  Json equations = Json::object();
  Table table({{.name = "equation"},
               {.name = "regressor"},
               {.name = "estimate", .align = Align::kRight},
               {.name = "standard_error", .align = Align::kRight},
               {.name = "t", .align = Align::kRight},
               {.name = "p", .align = Align::kRight}});
  for (int j = 0; j < var.system.series(); ++j) {
    const std::string& name = var.system.names[j];
    for (size_t i = 0; i < var.regressors.size(); ++i) {
      const double estimate = var.coefficients(i, j);
      const double error = var.standard_errors(i, j);
      const double t = estimate / error;
      const double p =
          2 * forecast::StudentProbability(-std::abs(t), var.degrees());
      equations[name][var.regressors[i]] = {
          {"estimate", estimate}, {"standard_error", error}, {"p", p}};
      table.AddRow({name, var.regressors[i], Number(estimate), Number(error),
                    Number(t), Number(p)});
    }
  }
  report.more["coefficients"] = std::move(equations);
  report.more["covariance"] = ToJson(var.covariance);
  report.more["covariance_ml"] = ToJson(var.covariance_ml);
  report.more["log_likelihood"] = var.log_likelihood;
  report.more["observations"] = var.observations();
  report.more["degrees_of_freedom"] = var.degrees();
  report.more["roots"] = var.roots;
  report.more["stable"] = var.stable();
  report.tables.push_back({"coefficients", std::move(table)});
  if (!var.stable()) {
    report.warnings.push_back(absl::StrCat(
        "the system is not stable: its largest root is ", var.roots.front(),
        "; forecasts and responses grow without bound"));
  }
}

void AddForecast(const VarCommandOptions& options, const SystemInput& input,
                 const evidence::Var& var, Report& report) {
  const evidence::VarForecast forecast =
      evidence::ForecastVar(var, options.horizon);
  const double z =
      forecast::NormalQuantile(1 - SizeOf(options.system.level) / 2);
  Json rows = Json::array();
  Table table({{.name = "series"},
               {.name = "period"},
               {.name = "mean", .align = Align::kRight},
               {.name = "standard_error", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight}});
  for (int j = 0; j < var.system.series(); ++j) {
    for (int h = 0; h < options.horizon; ++h) {
      const double mean = forecast.mean(h, j);
      const double error = forecast.standard_error(h, j);
      const std::string period = input.frame.PeriodAfter(h + 1);
      rows.push_back({{"series", var.system.names[j]},
                      {"period", period},
                      {"mean", mean},
                      {"standard_error", error},
                      {"low", mean - z * error},
                      {"high", mean + z * error}});
      table.AddRow({var.system.names[j], period, Number(mean), Number(error),
                    Number(mean - z * error), Number(mean + z * error)});
    }
  }
  report.more["forecast"] = std::move(rows);
  report.tables.push_back({"forecast", std::move(table)});
}

absl::Status AddResponses(const VarCommandOptions& options,
                          const evidence::Var& var, Report& report) {
  const auto responses = evidence::OrthogonalResponses(var, options.steps);
  evidence::ResponseBands bands;
  if (options.draws > 0) {
    ASSIGN_OR_RETURN(
        bands, evidence::BootstrapBands(var, {.steps = options.steps,
                                              .draws = options.draws,
                                              .level = options.system.level,
                                              .seed = options.seed}));
    report.setup["draws"] = bands.draws;
    report.setup["seed"] = options.seed;
  }
  Json rows = Json::array();
  Table table({{.name = "shock"},
               {.name = "response"},
               {.name = "step", .align = Align::kRight},
               {.name = "estimate", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight}});
  const bool has_bands = !bands.low.empty();
  for (int shock = 0; shock < var.system.series(); ++shock) {
    for (int response = 0; response < var.system.series(); ++response) {
      for (int h = 0; h <= options.steps; ++h) {
        const double estimate = responses[h](response, shock);
        Json row = {{"shock", var.system.names[shock]},
                    {"response", var.system.names[response]},
                    {"step", h},
                    {"estimate", estimate}};
        if (has_bands) {
          row["low"] = bands.low[h](response, shock);
          row["high"] = bands.high[h](response, shock);
        }
        rows.push_back(std::move(row));
        table.AddRow(
            {var.system.names[shock], var.system.names[response], CountCell(h),
             Number(estimate),
             has_bands ? Number(bands.low[h](response, shock)) : MissingCell(),
             has_bands ? Number(bands.high[h](response, shock))
                       : MissingCell()});
      }
    }
  }
  report.more["impulse_responses"] = std::move(rows);
  report.tables.push_back({"impulse_responses", std::move(table), false});
  return absl::OkStatus();
}

void AddDecomposition(const VarCommandOptions& options,
                      const evidence::Var& var, Report& report) {
  const auto shares =
      evidence::VarianceDecomposition(var, std::max(1, options.steps));
  Json rows = Json::array();
  Table table({{.name = "series"},
               {.name = "step", .align = Align::kRight},
               {.name = "shock"},
               {.name = "share", .align = Align::kRight}});
  for (int j = 0; j < var.system.series(); ++j) {
    for (size_t h = 0; h < shares.size(); ++h) {
      Json row = {{"series", var.system.names[j]}, {"step", h + 1}};
      for (int shock = 0; shock < var.system.series(); ++shock) {
        row["shares"][var.system.names[shock]] = shares[h](j, shock);
        table.AddRow({var.system.names[j], CountCell(h + 1),
                      var.system.names[shock], Number(shares[h](j, shock))});
      }
      rows.push_back(std::move(row));
    }
  }
  report.more["variance_decomposition"] = std::move(rows);
  report.tables.push_back({"variance_decomposition", std::move(table), false});
}

void AddResidualTests(const VarCommandOptions& options,
                      const evidence::Var& var, Report& report) {
  Table table({{.name = "test"},
               {.name = "chi2", .align = Align::kRight},
               {.name = "df", .align = Align::kRight},
               {.name = "p", .align = Align::kRight}});
  const auto add = [&](const char* name, const evidence::ChiSquaredTest& test) {
    report.more["residual_tests"][name] = ToJson(test);
    table.AddRow(
        {name, Number(test.statistic), Number(test.degrees), Number(test.p)});
  };
  const absl::StatusOr<evidence::PortmanteauTest> portmanteau =
      evidence::TestPortmanteau(var, options.portmanteau);
  if (portmanteau.ok()) {
    add("portmanteau", portmanteau->plain);
    add("portmanteau_adjusted", portmanteau->adjusted);
    report.setup["portmanteau_lags"] = options.portmanteau;
    if (portmanteau->adjusted.p < SizeOf(options.system.level)) {
      report.warnings.push_back(
          "residuals are correlated over time (adjusted portmanteau test): "
          "tests and intervals are too sure; try more lags");
    }
  } else {
    report.warnings.push_back(std::string(portmanteau.status().message()));
  }
  add("normality", evidence::TestNormality(var));
  report.tables.push_back({"residual_tests", std::move(table)});
}

// Only where there are the two lags that it needs.
void AddJohansen(const SystemInput& input, int lags, Report& report) {
  if (lags < 2 || input.system.series() < 2) return;
  const absl::StatusOr<evidence::JohansenTest> test =
      evidence::TestJohansen(input.system, lags);
  if (!test.ok()) return;
  Json rows = Json::array();
  Table table({{.name = "rank_at_most", .align = Align::kRight},
               {.name = "trace", .align = Align::kRight},
               {.name = "10%", .align = Align::kRight},
               {.name = "5%", .align = Align::kRight},
               {.name = "1%", .align = Align::kRight}});
  for (const evidence::JohansenRow& row : test->rows) {
    Json json = {{"rank_at_most", row.rank}, {"trace", row.trace}};
    const bool known = row.critical[0] > 0;
    if (known) {
      json["critical"] = {{"10%", row.critical[0]},
                          {"5%", row.critical[1]},
                          {"1%", row.critical[2]}};
    }
    rows.push_back(std::move(json));
    table.AddRow({CountCell(row.rank), Number(row.trace),
                  NumberCell(known, row.critical[0]),
                  NumberCell(known, row.critical[1]),
                  NumberCell(known, row.critical[2])});
  }
  report.more["johansen_trace"] = std::move(rows);
  report.tables.push_back({"johansen_trace", std::move(table), false});
}

absl::Status TestVar(const Context& context, const VarCommandOptions& options) {
  ASSIGN_OR_RETURN(const SystemInput input, ReadSystem(options.system, 1));
  ASSIGN_OR_RETURN(const ChosenLags lags, LagsOf(options.system, input.system));
  ASSIGN_OR_RETURN(
      const evidence::Var var,
      evidence::FitVar(
          input.system,
          {.lags = lags.lags, .deterministic = options.system.deterministic}));
  Report report;
  report.method = "var";
  report.title = absl::StrCat(
      "VAR(", lags.lags, ") of ", absl::StrJoin(input.frame.names, ", "), ", ",
      input.frame.periods.front(), " to ", input.frame.periods.back());
  DescribeSystem(options.system, input, lags, report);
  report.setup["order_of_shocks"] = input.frame.names;
  AddCoefficients(var, report);
  AddLagSelection(lags, report);
  AddResidualTests(options, var, report);
  AddForecast(options, input, var, report);
  RETURN_IF_ERROR(AddResponses(options, var, report));
  AddDecomposition(options, var, report);
  AddJohansen(input, lags.lags, report);
  if (input.system.series() > 1) {
    report.warnings.push_back(absl::StrCat(
        "responses depend on the order of the series (",
        absl::StrJoin(input.frame.names, ", "),
        "): a shock moves those before it at once by nothing; another order "
        "with --series gives other responses"));
  }
  return PrintReport(
      context, report,
      options.system.rows.empty() ? "coefficients" : options.system.rows);
}

}  // namespace

void AddVarCommand(CLI::App& test, Context& context) {
  auto options = std::make_shared<VarCommandOptions>();
  CLI::App* command = test.add_subcommand(
      "var",
      "A vector autoregression: coefficients, lag selection, roots, tests of "
      "residuals, forecasts, impulse responses with bands, shares of variance");
  AddSystemOptions(*command, options->system);
  AddDeterministic(*command, options->system);
  command->add_option("--horizon", options->horizon, "Forecasts: steps ahead")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--steps", options->steps,
                   "Impulse responses and shares of variance: steps")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  command
      ->add_option("--portmanteau-lags", options->portmanteau,
                   "Lags of the test of correlated residuals")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command
      ->add_option("--draws", options->draws,
                   "Samples of the bootstrap for bands; 0 for none")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of the bootstrap")
      ->capture_default_str();
  command->footer(
      "Example:\n  headway test var --csv canada.csv --lags 2 --horizon 8 "
      "--format json");
  SetAction(*command, context,
            [&context, options] { return TestVar(context, *options); });
}

}  // namespace headway::cli
