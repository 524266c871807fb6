// headway impact --method synth and sdid: their options.
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "tools/headway/commands/evidence/impact/impact_method.h"
#include "tools/headway/commands/evidence/impact/synthetic_options.h"

namespace headway::cli {
namespace {

using Options = std::vector<CLI::Option*>;

void AddPredictorOptions(CLI::App& command, SyntheticOptions& options,
                         Options& added) {
  added.push_back(
      command
          .add_option(
              "--predictor", options.predictors,
              "synth: a column whose mean over some periods is matched; "
              "may be given several times")
          ->type_name("COLUMN[:FROM-TO|:PERIOD,PERIOD]")
          ->take_all()
          ->expected(1, 1000)
          ->allow_extra_args(false));
  CLI::Option* v =
      command
          .add_option("--v", options.v,
                      "synth: how much each predictor counts, in their order")
          ->type_name("NUMBER,NUMBER");
  added.push_back(v);
  added.push_back(
      command
          .add_option(
              "--v-method", options.v_method,
              "synth: how that is chosen where --v is not given: nested "
              "(least squared gap before), equal, regression, or "
              "outcomes (no predictors)")
          ->check(CLI::IsMember({"nested", "equal", "regression", "outcomes"})
                      .description(""))
          ->type_name("nested|equal|regression|outcomes")
          ->excludes(v));
  added.push_back(
      command
          .add_option(
              "--fit", options.fit,
              "synth: the periods whose gaps decide; all before --at if "
              "not given")
          ->type_name("FROM-TO"));
}

void AddPlaceboOptions(CLI::App& command, SyntheticOptions& options,
                       Options& added) {
  added.push_back(command.add_flag("--no-placebos", options.no_placebos,
                                   "synth: do not repeat it for every donor"));
  added.push_back(
      command
          .add_option(
              "--placebo-pool", options.placebo_pool,
              "synth: whether placebos have the treated units among their "
              "donors")
          ->check(CLI::IsMember({"with-treated", "without-treated"})
                      .description(""))
          ->type_name("with-treated|without-treated")
          ->capture_default_str());
  added.push_back(
      command
          .add_option(
              "--drop-poor-fit", options.drop_poor_fit,
              "synth: do not count placebos whose mean squared gap before "
              "is above this many times the treated unit's")
          ->check(CLI::PositiveNumber)
          ->type_name("FACTOR"));
  added.push_back(
      command
          .add_option(
              "--drop-good-fit", options.drop_good_fit,
              "synth: nor those below the treated unit's divided by this")
          ->check(CLI::PositiveNumber)
          ->type_name("FACTOR"));
  added.push_back(
      command
          .add_option(
              "--placebo-at", options.placebo_at,
              "synth: earlier periods from which an effect is looked for "
              "that cannot be there")
          ->type_name("PERIOD[,PERIOD]"));
  added.push_back(
      command
          .add_option("--hold-out", options.hold_out,
                      "synth: how many of the last periods before --at are not "
                      "used, to see how well the fit holds; a quarter if not "
                      "given, 0 for none")
          ->check(CLI::NonNegativeNumber)
          ->type_name("COUNT"));
}

}  // namespace

std::vector<ImpactMethod> AddSyntheticMethods(CLI::App& command) {
  auto options = std::make_shared<SyntheticOptions>();
  Options of_control;
  AddPredictorOptions(command, *options, of_control);
  AddPlaceboOptions(command, *options, of_control);
  Options of_difference = {
      command
          .add_option("--se", options->standard_error,
                      "sdid: how standard errors are estimated; placebo if not "
                      "given; bootstrap and jackknife need several treated "
                      "units")
          ->check(CLI::IsMember({"placebo", "jackknife", "bootstrap", "none"})
                      .description(""))
          ->type_name("placebo|jackknife|bootstrap|none")};
  CLI::Option* threads =
      command
          .add_option("--threads", options->threads,
                      "synth, sdid: how many threads work; one a core if 0")
          ->check(CLI::Range(0, 256))
          ->capture_default_str();
  of_control.push_back(threads);
  of_difference.push_back(threads);
  std::vector<ImpactMethod> methods;
  methods.push_back({"synth",
                     "synthetic control (Abadie, Diamond, Hainmueller 2010), "
                     "with placebos",
                     std::move(of_control),
                     [options](const auto& table, const auto& impact) {
                       return RunSyntheticControl(table, impact, *options);
                     }});
  methods.push_back({"sdid",
                     "synthetic difference in differences (Arkhangelsky et "
                     "al. 2021)",
                     std::move(of_difference),
                     [options](const auto& table, const auto& impact) {
                       return RunSyntheticDifference(table, impact, *options);
                     }});
  return methods;
}

}  // namespace headway::cli
