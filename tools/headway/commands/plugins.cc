// headway plugins, plugin test, plugin new
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/conformance.h"
#include "daemon/ingest/sandbox/isolation.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/plugin_new/plugin_new.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

absl::Status ListPlugins(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListPluginsResponse response,
                   client.CallForAllPages(client.plugins(),
                                          &PluginService::Stub::ListPlugins,
                                          v1::ListPluginsRequest()));
  Table table({{.name = "plugin"},
               {.name = "version"},
               {.name = "sources", .shrinkable = true},
               {.name = "summary", .shrinkable = true},
               {.name = "path", .csv_only = true},
               {.name = "error", .csv_only = true}});
  for (const auto& plugin : response.plugins()) {
    const std::string sources = absl::StrJoin(plugin.sources(), ", ");
    table.AddRow(
        {std::string(LastSegment(plugin.name())), plugin.version(), sources,
         plugin.error().empty()
             ? Cell(plugin.summary())
             : Cell("cannot be used: see below", plugin.summary(), Style::kBad),
         plugin.path(), plugin.error()});
  }
  RETURN_IF_ERROR(PrintAnswer(context, response, table));
  if (context.format != Format::kTable) return absl::OkStatus();
  for (const std::string& lack : response.isolation_lacks()) {
    Print(absl::StrCat("! plugins are not isolated: ", lack, "\n"));
  }
  for (const auto& plugin : response.plugins()) {
    if (plugin.error().empty()) continue;
    Print(absl::StrCat("! ", LastSegment(plugin.name()), " (", plugin.path(),
                       "): ", plugin.error(), "\n"));
  }
  return absl::OkStatus();
}

// ---- plugin test ----

struct TestOptions {
  std::string path;
  std::vector<std::string> config;
};

absl::StatusOr<std::map<std::string, std::string>> ParseConfig(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::string> config;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--config \"", text, "\" is not NAME=VALUE, such as url=file:///…"));
    }
    config[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return config;
}

Cell ResultCell(ingest::CheckOutcome::Result result) {
  switch (result) {
    case ingest::CheckOutcome::Result::kPassed:
      return Cell("passed", "passed", Style::kGood);
    case ingest::CheckOutcome::Result::kFailed:
      return Cell("FAILED", "failed", Style::kBad);
    case ingest::CheckOutcome::Result::kSkipped:
      return Cell("skipped", "skipped", Style::kFaint);
  }
  return MissingCell();
}

absl::Status TestPlugin(const Context& context, const TestOptions& options) {
  if (context.format == Format::kJson) {
    return absl::InvalidArgumentError(
        "plugin test has no JSON; use --format csv");
  }
  ASSIGN_OR_RETURN(const auto config, ParseConfig(options.config));
  RealClock clock;
  const std::unique_ptr<ingest::Isolation> isolation =
      ingest::Isolation::Probe({});
  const std::vector<ingest::CheckOutcome> outcomes = ingest::RunConformance(
      options.path, config, ingest::Limits(), isolation.get(), &clock);
  Table table({{.name = "result"}, {.name = "check"}, {.name = "explanation"}});
  int failed = 0;
  for (const ingest::CheckOutcome& outcome : outcomes) {
    if (outcome.result == ingest::CheckOutcome::Result::kFailed) ++failed;
    table.AddRow(
        {ResultCell(outcome.result), outcome.name, outcome.explanation});
  }
  PrintTable(context, table);
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      options.path, " failed ", failed, " of ", outcomes.size(), " checks"));
}

void AddTest(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* test = plugin.add_subcommand(
      "test", "Check that a plugin keeps the protocol; needs no daemon");
  test->add_option("path", options->path, "Of its executable")
      ->required()
      ->check(CLI::ExistingFile);
  test->add_option("--config", options->config,
                   "Options of the source to test with: NAME=VALUE…")
      ->type_name("NAME=VALUE");
  SetAction(*test, context,
            [&context, options] { return TestPlugin(context, *options); });
}

// ---- plugin new ----

struct NewOptions {
  std::string name;
  PluginKind kind = PluginKind::kSource;
  std::string language = "python";
  std::string directory = ".";
};

absl::Status NewPlugin(const NewOptions& options) {
  RETURN_IF_ERROR(WriteNewPlugin(options.name, options.kind, options.language,
                                 options.directory));
  Print(absl::StrCat("wrote ", options.directory, "/", options.name, "\n"));
  return absl::OkStatus();
}

void AddNew(CLI::App& plugin, Context& context) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* command =
      plugin.add_subcommand("new", "Write a working plugin to start from");
  command->add_option("name", options->name, "Of the plugin")->required();
  const std::map<std::string, PluginKind> kinds = {
      {"source", PluginKind::kSource}, {"model", PluginKind::kModel}};
  command
      ->add_option("--kind", options->kind,
                   "What it is to do: read a source, or forecast; a model is "
                   "written in Python only")
      ->transform(CLI::CheckedTransformer(kinds).description(""))
      ->type_name("source|model");
  command->add_option("--lang", options->language, "The language to write in")
      ->check(CLI::IsMember({"cpp", "python", "sh"}))
      ->capture_default_str();
  command->add_option("--directory", options->directory, "Where to write it")
      ->capture_default_str();
  SetAction(*command, context, [options] { return NewPlugin(*options); });
}

}  // namespace

void AddPluginCommands(CLI::App& app, Context& context) {
  SetAction(*app.add_subcommand("plugins", "List the plugins"), context,
            [&context] { return ListPlugins(context); });
  CLI::App* plugin =
      app.add_subcommand("plugin", "Write and test plugins of your own");
  plugin->require_subcommand(1);
  AddTest(*plugin, context);
  AddNew(*plugin, context);
}

}  // namespace headway::cli
