// headway status: is the daemon there, and is what it holds fresh?
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"

namespace headway::cli {
namespace {

struct Status {
  v1::Health health;
  int64_t series = 0;
  v1::ListIndicatorsResponse indicators;
  v1::ListPluginsResponse plugins;
  v1::ListPipelinesResponse pipelines;
};

absl::StatusOr<Status> Ask(Client& client) {
  Status status;
  ASSIGN_OR_RETURN(status.health,
                   client.Call(client.admin(), &AdminService::Stub::GetHealth,
                               v1::GetHealthRequest()));
  ASSIGN_OR_RETURN(status.pipelines,
                   client.CallForAllPages(client.pipelines(),
                                          &PipelineService::Stub::ListPipelines,
                                          v1::ListPipelinesRequest()));
  ASSIGN_OR_RETURN(
      status.indicators,
      client.CallForAllPages(client.indicators(),
                             &IndicatorService::Stub::ListIndicators,
                             v1::ListIndicatorsRequest()));
  ASSIGN_OR_RETURN(status.plugins,
                   client.CallForAllPages(client.plugins(),
                                          &PluginService::Stub::ListPlugins,
                                          v1::ListPluginsRequest()));
  ASSIGN_OR_RETURN(
      const v1::StoreStats store,
      client.Call(client.admin(), &AdminService::Stub::GetStoreStats,
                  v1::GetStoreStatsRequest()));
  status.series = store.series();
  return status;
}

int CountIndicatorsWithoutData(const v1::ListIndicatorsResponse& response) {
  int count = 0;
  for (const auto& indicator : response.indicators()) {
    bool has_data = false;
    for (const auto& summary : indicator.summaries()) {
      has_data |= summary.has_last();
    }
    if (!has_data) ++count;
  }
  return count;
}

int CountUnusablePlugins(const v1::ListPluginsResponse& response) {
  int count = 0;
  for (const auto& plugin : response.plugins()) {
    if (!plugin.error().empty()) ++count;
  }
  return count;
}

std::string HealthWord(const Status& status) {
  return absl::AsciiStrToLower(v1::Health::State_Name(status.health.state()));
}

std::string CountLine(const char* name, int64_t count, int64_t bad,
                      const char* what) {
  std::string line = absl::StrCat(name, FormatCount(count));
  if (bad > 0) absl::StrAppend(&line, ", ", FormatCount(bad), " ", what);
  return line + "\n";
}

void PrintProblems(const v1::Health& health) {
  for (const auto& problem : health.problems()) {
    const std::string since = FormatMinute(problem.since());
    Print(
        absl::StrCat(problem.fatal() ? "\n! " : "\n- ", problem.kind(),
                     problem.subject().empty() ? "" : " ", problem.subject(),
                     ": ", problem.message(),
                     since.empty() ? "" : absl::StrCat(" (since ", since, ")"),
                     "\n  ", problem.remedy(), "\n"));
  }
}

void PrintStatus(const Context& context, const Status& status) {
  Print(absl::StrCat("daemon      ", context.address, ", ", HealthWord(status),
                     "\n"));
  Print(CountLine("pipelines   ", status.pipelines.pipelines_size(), 0, ""));
  Print(CountLine("plugins     ", status.plugins.plugins_size(),
                  CountUnusablePlugins(status.plugins),
                  "cannot be used (headway plugins)"));
  Print(CountLine("series      ", status.series, 0, ""));
  Print(CountLine("indicators  ", status.indicators.indicators_size(),
                  CountIndicatorsWithoutData(status.indicators),
                  "without data"));
  Print("\n");
  PrintText(PipelineTable(status.pipelines.pipelines()));
  Print(PipelineErrors(status.pipelines.pipelines()));
  PrintProblems(status.health);
}

absl::Status PrintStatusJson(const Status& status) {
  ASSIGN_OR_RETURN(const std::string pipelines,
                   ToJson(status.pipelines.pipelines()));
  ASSIGN_OR_RETURN(const std::string health, ToJson(status.health));
  Print(absl::StrCat(
      "{\"health\":", health, ",\"series\":", status.series,
      ",\"plugins\":", status.plugins.plugins_size(),
      ",\"unusablePlugins\":", CountUnusablePlugins(status.plugins),
      ",\"indicators\":", status.indicators.indicators_size(),
      ",\"indicatorsWithoutData\":",
      CountIndicatorsWithoutData(status.indicators),
      ",\"pipelines\":", pipelines, "}\n"));
  return absl::OkStatus();
}

absl::Status ShowStatus(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const Status status, Ask(client));
  if (context.format == Format::kJson) {
    RETURN_IF_ERROR(PrintStatusJson(status));
  } else if (context.format == Format::kCsv) {
    Print(PipelineTable(status.pipelines.pipelines()).ToCsv());
  } else {
    PrintStatus(context, status);
  }
  if (status.health.state() != v1::Health::FAILING) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the daemon at ", context.address,
                                             " is ", HealthWord(status)));
}

}  // namespace

void AddStatusCommand(CLI::App& app, Context& context) {
  SetAction(*app.add_subcommand(
                "status", "Show whether the daemon serves, and its pipelines"),
            context, [&context] { return ShowStatus(context); });
}

}  // namespace headway::cli
