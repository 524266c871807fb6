// headway impact: what happened after an event against what would have.
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/commands/evidence/impact/commands.h"
#include "tools/headway/commands/evidence/impact/impact_method.h"
#include "tools/headway/commands/evidence/plot.h"

namespace headway::cli {
namespace {

struct ImpactCommand {
  ImpactOptions options;
  std::vector<ImpactMethod> methods;
  std::string rows;
  std::string plot;
};

std::vector<std::string> MethodNames(const ImpactCommand& command) {
  std::vector<std::string> names;
  for (const ImpactMethod& method : command.methods) {
    names.push_back(method.name);
  }
  return names;
}

absl::StatusOr<const ImpactMethod*> ChosenMethod(const ImpactCommand& command) {
  const std::string& name = command.options.method;
  for (const ImpactMethod& method : command.methods) {
    if (method.name == name) return &method;
  }
  const std::vector<std::string> names = MethodNames(command);
  return absl::InvalidArgumentError(absl::StrCat(
      "--method: no method is \"", name, "\"", DidYouMean(name, names),
      "; there are ", absl::StrJoin(names, ", ")));
}

// An option of another method would do nothing.
absl::Status CheckOptionsAreOf(const ImpactMethod& chosen,
                               const ImpactCommand& command) {
  for (const ImpactMethod& method : command.methods) {
    for (const CLI::Option* option : method.options) {
      if (option->count() == 0 ||
          absl::c_linear_search(chosen.options, option)) {
        continue;
      }
      return absl::InvalidArgumentError(absl::StrCat(
          option->get_name(), " is an option of --method ", method.name,
          ", not of ", chosen.name, "; leave it out, or choose that method"));
    }
  }
  return absl::OkStatus();
}

absl::Status RunImpact(const Context& context, const ImpactCommand& command) {
  ASSIGN_OR_RETURN(const ImpactMethod* method, ChosenMethod(command));
  RETURN_IF_ERROR(CheckOptionsAreOf(*method, command));
  ASSIGN_OR_RETURN(const DataTable table, ReadInput(command.options.input));
  ASSIGN_OR_RETURN(const Report report, method->run(table, command.options));
  if (!command.plot.empty()) {
    RETURN_IF_ERROR(PlotReport(report, command.plot));
  }
  return PrintReport(context, report, command.rows);
}

void AddSharedImpactOptions(CLI::App& command, ImpactOptions& options) {
  AddFileOptions(command, options.input);
  AddPanelColumns(command, options.input);
  AddTimeOptions(command, options.input);
  command
      .add_option("--treated", options.treated,
                  "The units that are treated; quote a name that has a comma")
      ->type_name("NAME[,NAME]");
  command.add_option("--at", options.at, "The first treated period")
      ->type_name("PERIOD");
  CLI::Option* controls =
      command
          .add_option("--controls", options.controls,
                      "The units to compare with; all others if not given")
          ->type_name("NAME[,NAME]");
  command
      .add_option("--exclude", options.exclude,
                  "Units that are left out: aggregates, others that were "
                  "treated")
      ->type_name("NAME[,NAME]")
      ->excludes(controls);
  command.add_flag("--drop-incomplete", options.drop_incomplete,
                   "Leave out, and name, controls with a missing outcome "
                   "instead of refusing them");
  command.add_option("--level", options.level, "Of intervals, in percent")
      ->check(CLI::Range(1.0, 99.99))
      ->type_name("PERCENT")
      ->capture_default_str();
  command
      .add_option("--seed", options.seed,
                  "Of what is drawn at random: the same seed, the same result")
      ->capture_default_str();
  command
      .add_option("--replications", options.replications,
                  "How many samples are drawn, where a method draws any")
      ->check(CLI::Range(2, 1000000));
}

std::string MethodHelp(const std::vector<ImpactMethod>& methods) {
  std::string help = "Methods:\n";
  for (const ImpactMethod& method : methods) {
    absl::StrAppend(
        &help, "  ", method.name,
        std::string(method.name.size() < 12 ? 12 - method.name.size() : 1, ' '),
        method.summary, "\n");
  }
  return help +
         "\nExamples:\n"
         "  headway impact --csv smoking.csv --unit state --time year "
         "--outcome cigsale \\\n"
         "    --treated California --at 1989 --method sdid\n"
         "  headway impact --csv sales.csv --time month --outcome ours "
         "--controls theirs,others \\\n"
         "    --at 2022-10 --method synth --format json\n";
}

}  // namespace

void AddImpactCommand(CLI::App& app, Context& context) {
  auto command = std::make_shared<ImpactCommand>();
  CLI::App* sub = app.add_subcommand(
      "impact",
      "Estimate from a table what an event did, against a counterfactual");
  AddSharedImpactOptions(*sub, command->options);
  sub->add_option("--method", command->options.method, "How it is estimated")
      ->required()
      ->type_name("NAME");
  sub->add_option("--rows", command->rows,
                  "With --format csv: the table that is printed; periods, or "
                  "results where there are none, if not given")
      ->type_name("NAME");
  sub->add_option("--plot", command->plot,
                  "Also draw observed, counterfactual and effect as SVG")
      ->type_name("FILE.svg");
  command->methods = AddImpactMethods(*sub);
  sub->footer(MethodHelp(command->methods));
  SetAction(*sub, context,
            [&context, command] { return RunImpact(context, *command); });
}

}  // namespace headway::cli
