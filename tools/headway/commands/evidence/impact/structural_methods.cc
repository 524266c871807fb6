// headway impact --method bsts and structural: their options and runs.
#include <cmath>
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "daemon/base/status_macros.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"
#include "tools/headway/commands/evidence/impact/structural_input.h"
#include "tools/headway/commands/evidence/impact/structural_runs.h"

namespace headway::cli {
namespace {

using Added = std::vector<CLI::Option*>;

Added AddSharedModelOptions(CLI::App& command,
                            StructuralMethodOptions& options) {
  Added added;
  added.push_back(
      command
          .add_option("--season", options.season,
                      "bsts, structural: its length in periods; auto tells it "
                      "by the frequency. bsts has none, structural auto if not "
                      "given")
          ->type_name("none|auto|N"));
  added.push_back(
      command
          .add_option("--trend", options.trend,
                      "bsts, structural: a random level, or one with a random "
                      "slope besides")
          ->check(CLI::IsMember({"level", "linear"}).description(""))
          ->type_name("level|linear")
          ->capture_default_str());
  added.push_back(command.add_flag(
      "--log", options.log,
      "bsts, structural: the model is of the outcome's logarithm"));
  added.push_back(
      command.add_flag("--log-controls", options.log_controls,
                       "bsts, structural: and of the controls' logarithms"));
  added.push_back(
      command
          .add_option("--placebo-dates", options.placebo_dates,
                      "bsts, structural: repeat the analysis at dates before "
                      "the event, all or so many, for the rate of false alarms "
                      "and a p-value")
          ->type_name("all|N"));
  return added;
}

Added AddBayesianOptions(CLI::App& command, StructuralMethodOptions& options) {
  Added added;
  added.push_back(
      command
          .add_option(
              "--prior-level-sd", options.prior_level_sd,
              "bsts: the guess of how much the level moves a period, in "
              "standard deviations of the outcome")
          ->check(CLI::Range(1e-6, 1.0))
          ->type_name("NUMBER")
          ->capture_default_str());
  added.push_back(
      command
          .add_option("--prior", options.prior,
                      "bsts: all controls with a g-prior, or some of them by "
                      "spike and slab")
          ->check(CLI::IsMember({"g", "spike-slab"}).description(""))
          ->type_name("g|spike-slab")
          ->capture_default_str());
  added.push_back(
      command
          .add_option("--expected-size", options.expected_size,
                      "bsts: with spike-slab, how many coefficients, the "
                      "intercept's among them, are expected not to be zero")
          ->check(CLI::Range(0.01, 1e6))
          ->type_name("NUMBER")
          ->capture_default_str());
  added.push_back(
      command.add_option("--draws", options.draws, "bsts: draws that are kept")
          ->check(CLI::Range(100, 1000000))
          ->capture_default_str());
  added.push_back(
      command
          .add_option("--burn-in", options.burn_in, "bsts: draws before those")
          ->check(CLI::Range(0, 1000000))
          ->capture_default_str());
  return added;
}

}  // namespace

std::vector<ImpactMethod> AddStructuralMethods(CLI::App& command) {
  auto options = std::make_shared<StructuralMethodOptions>();
  Added shared = AddSharedModelOptions(command, *options);
  ImpactMethod bsts = {
      .name = "bsts",
      .summary =
          "Bayesian structural time series, as CausalImpact (Brodersen "
          "et al. 2015)",
      .options = AddBayesianOptions(command, *options),
      .run = [options](const DataTable& table, const ImpactOptions& impact) {
        return RunBsts(table, impact, *options);
      }};
  bsts.options.insert(bsts.options.end(), shared.begin(), shared.end());
  ImpactMethod structural = {
      .name = "structural",
      .summary =
          "structural time series by maximum likelihood (Harvey, Durbin "
          "1986)",
      .options = std::move(shared),
      .run = [options](const DataTable& table, const ImpactOptions& impact) {
        return RunStructural(table, impact, *options);
      }};
  structural.options.push_back(
      command
          .add_option("--season-kind", options->season_kind,
                      "structural: whether the season may change")
          ->check(CLI::IsMember({"fixed", "stochastic"}).description(""))
          ->type_name("fixed|stochastic")
          ->capture_default_str());
  return {std::move(bsts), std::move(structural)};
}

}  // namespace headway::cli
