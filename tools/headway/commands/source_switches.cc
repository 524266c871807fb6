// headway source list, source enable, source disable
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// ---- source list ----

Cell EnabledCell(const v1::Source& source) {
  if (source.enabled()) {
    return Cell(source.switched() ? "on, by hand" : "on", "enabled",
                Style::kGood);
  }
  if (!source.superseded_by().empty()) {
    return Cell(absl::StrCat("off: ", source.superseded_by(), " is on"),
                "superseded", Style::kFaint);
  }
  return Cell(source.switched() ? "off, by hand" : "off", "disabled",
              Style::kFaint);
}

// Plugins that reach no publisher of their own: there is none whose answers
// could prove them.
std::set<std::string> PluginsOfAnyFile(const v1::ListPluginsResponse& plugins) {
  std::set<std::string> names;
  for (const auto& plugin : plugins.plugins()) {
    if (plugin.hosts().empty() && plugin.error().empty() &&
        plugin.evidence() == v1::EVIDENCE_UNSPECIFIED) {
      names.insert(plugin.name());
    }
  }
  return names;
}

Cell EvidenceCell(const v1::Source& source,
                  const std::set<std::string>& of_any_file) {
  if (of_any_file.contains(source.plugin())) {
    return Cell("any file", "any file", Style::kFaint);
  }
  switch (source.evidence()) {
    case v1::RECORDED:
      return Cell(absl::StrCat("recorded ", source.evidence_date()),
                  absl::StrCat("recorded ", source.evidence_date()));
    case v1::DOCUMENTED:
      return Cell(
          absl::StrCat("unproven (documented ", source.evidence_date(), ")"),
          absl::StrCat("documented ", source.evidence_date()), Style::kBad);
    default:
      return Cell("unproven", "", Style::kFaint);
  }
}

// "312 of 500 today", of each host where there are several.
Cell QuotaCell(const v1::Source& source) {
  std::vector<std::string> parts;
  for (const auto& quota : source.quotas()) {
    parts.push_back(absl::StrCat(
        source.quotas_size() > 1 ? quota.host() + " " : std::string(),
        quota.requests(), " of ", quota.requests_per_day(), " today"));
  }
  return Cell(absl::StrJoin(parts, ", "));
}

Cell SharingCell(const v1::Source& source) {
  if (source.restricted()) {
    return Cell("operators alone", "restricted", Style::kBad);
  }
  return Cell("");
}

Cell AgeCell(const v1::Source& source, absl::Time now) {
  if (!source.has_last_success()) return Cell("never", "");
  const absl::Duration age =
      now - messages::FromTimestamp(source.last_success());
  return Cell(FormatElapsed(age), absl::StrCat(absl::ToInt64Seconds(age)));
}

absl::Status ListSources(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const v1::ListSourcesResponse response,
                   client.CallForAllPages(client.plugins(),
                                          &PluginService::Stub::ListSources,
                                          v1::ListSourcesRequest()));
  ASSIGN_OR_RETURN(const v1::ListPluginsResponse plugins,
                   client.CallForAllPages(client.plugins(),
                                          &PluginService::Stub::ListPlugins,
                                          v1::ListPluginsRequest()));
  const std::set<std::string> of_any_file = PluginsOfAnyFile(plugins);
  const absl::Time now = absl::Now();
  Table table({{.name = "source"},
               {.name = "pipeline"},
               {.name = "plugin"},
               {.name = "enabled"},
               {.name = "last_success"},
               {.name = "age", .align = Align::kRight},
               {.name = "supersedes"},
               {.name = "evidence"},
               {.name = "missing_secrets"},
               {.name = "requests"},
               {.name = "shown_to"},
               {.name = "terms", .csv_only = true},
               {.name = "terms_url", .csv_only = true},
               {.name = "plugin_version", .csv_only = true},
               {.name = "error", .csv_only = true}});
  for (const auto& source : response.sources()) {
    table.AddRow({source.name(), std::string(LastSegment(source.pipeline())),
                  std::string(LastSegment(source.plugin())),
                  EnabledCell(source), InstantCell(source.last_success()),
                  AgeCell(source, now), source.supersedes(),
                  EvidenceCell(source, of_any_file),
                  absl::StrJoin(source.missing_secrets(), ", "),
                  QuotaCell(source), SharingCell(source), source.terms(),
                  source.terms_url(), source.plugin_version(), source.error()});
  }
  RETURN_IF_ERROR(PrintAnswer(context, response, table));
  if (context.format != Format::kTable) return absl::OkStatus();
  if (response.sources().empty()) Print("no pipeline has a source\n");
  for (const auto& source : response.sources()) {
    if (source.error().empty()) continue;
    Print(absl::StrCat("! ", source.name(), ": ", source.error(), "\n"));
  }
  return absl::OkStatus();
}

// ---- source enable, source disable ----

struct SwitchOptions {
  std::string source;
  bool dry_run = false;
};

absl::Status SwitchSource(const Context& context, const SwitchOptions& options,
                          bool enabled) {
  Client client = MakeClient(context);
  v1::SwitchSourceRequest request;
  request.set_source(std::string(LastSegment(options.source)));
  request.set_enabled(enabled);
  request.set_dry_run(options.dry_run);
  ASSIGN_OR_RETURN(const v1::SwitchSourceResponse response,
                   client.Call(client.plugins(),
                               &PluginService::Stub::SwitchSource, request));
  Table table({{.name = "source"}, {.name = "enabled"}, {.name = "effect"}});
  for (const std::string& effect : response.effects()) {
    table.AddRow(
        {response.source().name(), EnabledCell(response.source()), effect});
  }
  return PrintAnswer(context, response, table);
}

void AddSwitch(CLI::App& source, Context& context, const std::string& name,
               const std::string& help, bool enabled) {
  auto options = std::make_shared<SwitchOptions>();
  CLI::App* command = source.add_subcommand(name, help);
  command->add_option("source", options->source, "PIPELINE/SOURCE, or SOURCE")
      ->required();
  command->add_flag("--dry-run", options->dry_run,
                    "Say what would happen, and switch nothing");
  SetAction(*command, context, [&context, options, enabled] {
    return SwitchSource(context, *options, enabled);
  });
}

}  // namespace

void AddSourceSwitches(CLI::App& source, Context& context) {
  // `headway sources` alone lists them, as `headway plugins` does.
  source.final_callback([&source, &context] {
    if (source.get_subcommands().empty()) {
      context.action = [&context] { return ListSources(context); };
    }
  });
  SetAction(*source.add_subcommand(
                "list", "List the sources of all pipelines, with their state"),
            context, [&context] { return ListSources(context); });
  AddSwitch(source, context, "enable",
            "Have a source pulled, whatever its file says; says what happens",
            /*enabled=*/true);
  AddSwitch(source, context, "disable",
            "Have a source pulled no more, whatever its file says",
            /*enabled=*/false);
}

}  // namespace headway::cli
