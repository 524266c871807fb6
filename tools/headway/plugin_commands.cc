// headway plugins
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/app.h"
#include "tools/headway/client.h"
#include "tools/headway/format.h"

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
  for (const auto& plugin : response.plugins()) {
    if (plugin.error().empty()) continue;
    Print(absl::StrCat("! ", LastSegment(plugin.name()), " (", plugin.path(),
                       "): ", plugin.error(), "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPluginCommands(CLI::App& app, Context& context) {
  app.add_subcommand("plugins", "List the source plugins")
      ->callback([&context] {
        context.action = [&context] { return ListPlugins(context); };
      });
}

}  // namespace headway::cli
