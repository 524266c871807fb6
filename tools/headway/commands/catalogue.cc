// headway catalogue: what can be had, before it is pulled.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/operation.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

struct CatalogueOptions {
  std::vector<std::string> words;
  int limit = 50;
  bool refresh = false;
  bool textproto = false;
};

std::string Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(text,
                          {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
      "\"");
}

// A name of an indicator for a series.
std::string IndicatorName(const v1::CatalogueEntry& entry) {
  std::string name = absl::AsciiStrToLower(entry.metric());
  for (const auto& [label, value] : entry.labels()) {
    absl::StrAppend(&name, "_", absl::AsciiStrToLower(value));
  }
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  if (!absl::ascii_isalpha(static_cast<unsigned char>(name[0]))) {
    name.insert(0, "x");
  }
  return name;
}

std::string SelectorOf(const v1::CatalogueEntry& entry) {
  return absl::StrCat(entry.metric(), "{", LabelPairs(entry.labels()), "}");
}

// An indicator of the series, to be pasted into a pipeline.
std::string IndicatorText(const v1::CatalogueEntry& entry) {
  std::string text = absl::StrCat("# of source ", entry.source(), ", pipeline ",
                                  LastSegment(entry.pipeline()));
  if (!entry.source_enabled()) {
    absl::StrAppend(&text, "; first: headway source enable ", entry.source());
  }
  absl::StrAppend(
      &text, "\nindicator {\n  name: ", Quoted(IndicatorName(entry)),
      "\n  title: ",
      Quoted(entry.title().empty() ? SelectorOf(entry) : entry.title()),
      "\n  expression: ", Quoted(SelectorOf(entry)),
      "\n  unit: ", Quoted(entry.unit()), "\n}\n");
  return text;
}

// A source of a plugin that no pipeline uses yet, to be pasted into one.
std::string SourceText(const v1::Plugin& plugin) {
  const std::string name(LastSegment(plugin.name()));
  std::string text = absl::StrCat("source {\n  name: ", Quoted(name),
                                  "\n  plugin: ", Quoted(name), "\n");
  for (const v1::PluginOption& option : plugin.config()) {
    const std::string line =
        absl::StrCat("config { key: ", Quoted(option.name()),
                     " value: ", Quoted(option.default_value()), " }");
    absl::StrAppend(&text, option.required() ? "  " : "  # ", line,
                    option.description().empty() ? "" : "  # ",
                    absl::StrReplaceAll(option.description(), {{"\n", " "}}),
                    "\n");
  }
  return text + "}\n";
}

bool HasAllWords(const v1::Plugin& plugin,
                 const std::vector<std::string>& words) {
  std::string text = absl::StrCat(plugin.name(), "\n", plugin.summary(), "\n",
                                  absl::StrJoin(plugin.hosts(), "\n"));
  for (const v1::PluginOption& option : plugin.config()) {
    absl::StrAppend(&text, "\n", option.name(), "\n", option.description());
  }
  absl::AsciiStrToLower(&text);
  for (const std::string& word : words) {
    if (!absl::StrContains(text, absl::AsciiStrToLower(word))) return false;
  }
  return true;
}

// Plugins that match and that no pipeline uses.
absl::StatusOr<std::vector<v1::Plugin>> UnusedPlugins(
    const Context& context, const std::vector<std::string>& words) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListPluginsResponse response,
                   client.CallForAllPages(client.plugins(),
                                          &PluginService::Stub::ListPlugins,
                                          v1::ListPluginsRequest()));
  std::vector<v1::Plugin> unused;
  for (const auto& plugin : response.plugins()) {
    if (plugin.sources().empty() && HasAllWords(plugin, words)) {
      unused.push_back(plugin);
    }
  }
  return unused;
}

Table CatalogueTable(const v1::SearchCatalogueResponse& found) {
  Table table({{.name = "source"},
               {.name = "series", .shrinkable = true},
               {.name = "frequency"},
               {.name = "unit"},
               {.name = "title", .shrinkable = true},
               {.name = "publisher", .shrinkable = true},
               {.name = "pipeline", .csv_only = true},
               {.name = "plugin", .csv_only = true},
               {.name = "enabled", .csv_only = true}});
  for (const auto& entry : found.entries()) {
    table.AddRow({entry.source_enabled()
                      ? Cell(entry.source())
                      : Cell(absl::StrCat(entry.source(), " (off)"),
                             entry.source(), Style::kFaint),
                  SelectorOf(entry),
                  absl::AsciiStrToLower(v1::Frequency_Name(entry.frequency())),
                  entry.unit(), entry.title(), entry.source_name(),
                  std::string(LastSegment(entry.pipeline())),
                  std::string(LastSegment(entry.plugin())),
                  entry.source_enabled() ? "true" : "false"});
  }
  return table;
}

void PrintTextprotos(const v1::SearchCatalogueResponse& found,
                     const std::vector<v1::Plugin>& unused) {
  for (const auto& entry : found.entries()) Print(IndicatorText(entry));
  for (const v1::Plugin& plugin : unused) Print(SourceText(plugin));
}

// What the table does not show.
void PrintRemarks(const v1::SearchCatalogueResponse& found,
                  const std::vector<v1::Plugin>& unused) {
  Print(absl::StrCat(found.matches(), " of ", found.series(),
                     " series that sources can deliver",
                     found.matches() > found.entries_size()
                         ? absl::StrCat("; the first ", found.entries_size(),
                                        " are shown, see --limit")
                         : "",
                     "\n"));
  for (const v1::Plugin& plugin : unused) {
    Print(absl::StrCat("no pipeline uses the plugin ",
                       LastSegment(plugin.name()), ": ", plugin.summary(),
                       "\n"));
  }
}

absl::Status ShowCatalogue(const Context& context,
                           const CatalogueOptions& options) {
  v1::SearchCatalogueRequest request;
  for (const std::string& word : options.words) request.add_words(word);
  request.set_max_entries(options.limit);
  request.set_refresh(options.refresh);
  ASSIGN_OR_RETURN(
      const v1::Operation done,
      RunOperation(context, &Client::plugins,
                   &PluginService::Stub::SearchCatalogue, request));
  const v1::SearchCatalogueResponse& found = done.search_catalogue();
  ASSIGN_OR_RETURN(const std::vector<v1::Plugin> unused,
                   UnusedPlugins(context, options.words));
  if (options.textproto) {
    PrintTextprotos(found, unused);
  } else {
    RETURN_IF_ERROR(PrintAnswer(context, found, CatalogueTable(found)));
    if (context.format == Format::kTable) PrintRemarks(found, unused);
  }
  for (const auto& gap : found.gaps()) {
    std::fprintf(stderr, "note: %s is not searched: %s\n", gap.source().c_str(),
                 gap.reason().c_str());
  }
  if (found.matches() > 0 || !unused.empty()) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("nothing that sources can deliver has all of: ",
                   absl::StrJoin(options.words, " "), "; use fewer words"));
}

}  // namespace

void AddCatalogueCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<CatalogueOptions>();
  CLI::App* command = app.add_subcommand(
      "catalogue",
      "Search the series that sources can deliver, before they are pulled");
  command->add_option("words", options->words,
                      "Each must occur in metric, labels, title, unit, "
                      "publisher, source or plugin; none is all");
  command->add_option("--limit", options->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--refresh", options->refresh, "Ask the plugins again");
  command->add_flag("--textproto", options->textproto,
                    "Indicators and sources to be pasted into a pipeline");
  SetAction(*command, context,
            [&context, options] { return ShowCatalogue(context, *options); });
}

}  // namespace headway::cli
