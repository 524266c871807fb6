// headway plugins
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/plugin/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// What the operator has to say of a plugin that nobody approved; "" if nothing.
std::string ApprovalText(const v1::Plugin& plugin) {
  const bool changed = plugin.approval() == v1::Plugin::CHANGED;
  if (!changed && plugin.approval() != v1::Plugin::UNAPPROVED) return "";
  return absl::StrCat("! ", LastSegment(plugin.name()), " (", plugin.path(),
                      changed ? ") is another executable than the one that was "
                                "approved"
                              : ") was never approved",
                      "; its SHA-256 is ", plugin.sha256(),
                      "; headway plugin install approves it\n");
}

std::string EvidenceName(v1::Evidence evidence) {
  switch (evidence) {
    case v1::RECORDED:
      return "recorded";
    case v1::DOCUMENTED:
      return "documented";
    default:
      return "";
  }
}

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
               {.name = "sha256", .csv_only = true},
               {.name = "evidence", .csv_only = true},
               {.name = "error", .csv_only = true}});
  for (const auto& plugin : response.plugins()) {
    const std::string sources = absl::StrJoin(plugin.sources(), ", ");
    table.AddRow(
        {std::string(LastSegment(plugin.name())), plugin.version(), sources,
         plugin.error().empty()
             ? Cell(plugin.summary())
             : Cell("cannot be used: see below", plugin.summary(), Style::kBad),
         plugin.path(), plugin.sha256(), EvidenceName(plugin.evidence()),
         plugin.error()});
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
  for (const auto& plugin : response.plugins()) {
    Print(ApprovalText(plugin));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPluginCommands(CLI::App& app, Context& context) {
  SetAction(*app.add_subcommand("plugins", "List the plugins"), context,
            [&context] { return ListPlugins(context); });
  CLI::App* plugin =
      app.add_subcommand("plugin", "Write, run, test and install plugins");
  plugin->require_subcommand(1);
  AddPluginInstall(*plugin, context);
  AddPluginNew(*plugin, context);
  AddPluginRun(*plugin, context);
  AddPluginTest(*plugin, context);
}

}  // namespace headway::cli
