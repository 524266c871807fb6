// headway: the command line of a Headway daemon.
//
// Exits with 0 if all went well, 1 if the thing asked for failed, 2 if it was
// asked for wrongly.
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"
#include "tools/headway/base/context.h"
#include "tools/headway/commands/backtest/commands.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/commands/evidence/impact/commands.h"
#include "tools/headway/commands/evidence/systems/commands.h"
#include "tools/headway/commands/plugin/commands.h"
#include "tools/headway/commands/store/commands.h"

namespace headway::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

void AddSharedOptions(CLI::App& app, Context& context) {
  app.add_option("--address", context.address,
                 "Where the daemon listens: HOST:PORT or unix:PATH")
      ->envname("HEADWAY_ADDRESS")
      ->capture_default_str();
  const std::map<std::string, Format> formats = {{"table", Format::kTable},
                                                 {"json", Format::kJson},
                                                 {"csv", Format::kCsv}};
  app.add_option("--format", context.format,
                 "How to print: table, json (one document a line) or csv")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("table|json|csv");
  app.add_option("--timeout", context.timeout_seconds,
                 "Seconds to wait for an answer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void AddCommands(CLI::App& app, Context& context) {
  AddStatusCommand(app, context);
  AddIndicatorCommands(app, context);
  AddForecastCommand(app, context);
  AddTrackRecordCommands(app, context);
  AddBacktestCommand(app, context);
  AddImpactCommand(app, context);
  AddSystemCommands(app, context);
  AddWatchCommand(app, context);
  AddSeriesCommands(app, context);
  AddPipelineCommands(app, context);
  AddRunCommands(app, context);
  AddOperationCommands(app, context);
  AddPluginCommands(app, context);
  AddSourceCommands(app, context);
  AddCatalogueCommand(app, context);
  AddCiteCommand(app, context);
  AddClaimCommands(app, context);
  AddCheckCommand(app, context);
  AddStoreCommands(app, context);
}

int UsageError(const std::string& message, const std::string& command) {
  std::fprintf(stderr, "headway: %s\nSee %s --help\n", message.c_str(),
               command.c_str());
  return kUsage;
}

// CLI11's own words do not name a command that it does not know.
int ReportParseError(const CLI::App& app, const CLI::ParseError& error) {
  const auto commands = app.get_subcommands();
  if (!commands.empty()) {
    return UsageError(error.what(), "headway " + commands[0]->get_name());
  }
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty() || unknown[0][0] == '-') {
    return UsageError(error.what(), "headway");
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return UsageError(absl::StrCat("unknown command \"", unknown[0], "\"",
                                 DidYouMean(unknown[0], names)),
                    "headway");
}

int Run(int argc, char** argv) {
  CLI::App app(
      "Reads indicators, forecasts and series of a Headway daemon, and runs "
      "its pipelines.",
      "headway");
  app.set_version_flag("--version", "headway " HEADWAY_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.set_help_all_flag("--help-all", "Help of every command");

  Context context;
  AddSharedOptions(app, context);
  AddCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version come as errors too, with an exit code of 0.
    if (error.get_exit_code() == 0) return app.exit(error);
    return ReportParseError(app, error);
  }
  if (context.action == nullptr) {
    std::fputs(app.help().c_str(), stderr);
    return kUsage;
  }
  const absl::Status status = context.action();
  if (status.ok()) return 0;
  std::fprintf(stderr, "headway: %s\n", std::string(status.message()).c_str());
  return kFailed;
}

}  // namespace
}  // namespace headway::cli

int main(int argc, char** argv) { return headway::cli::Run(argc, argv); }
