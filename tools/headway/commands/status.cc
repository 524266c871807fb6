// headway status: is the daemon there, and is what it holds fresh?
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/series.h"
#include "daemon/series/period.h"
#include "tools/headway/base/client.h"
#include "tools/headway/base/context.h"
#include "tools/headway/base/options.h"
#include "tools/headway/base/output.h"
#include "tools/headway/commands/commands.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"

namespace headway::cli {
namespace {

using Health = grpc::health::v1::Health;
using HealthResponse = grpc::health::v1::HealthCheckResponse;

struct Status {
  HealthResponse::ServingStatus health = HealthResponse::UNKNOWN;
  int64_t series = 0;
  v1::ListIndicatorsResponse indicators;
  v1::ListPluginsResponse plugins;
  v1::ListPipelinesResponse pipelines;
};

absl::StatusOr<HealthResponse::ServingStatus> CheckHealth(Client& client) {
  ASSIGN_OR_RETURN(const HealthResponse response,
                   client.Call(client.health(), &Health::Stub::Check,
                               grpc::health::v1::HealthCheckRequest()));
  return response.status();
}

absl::StatusOr<Status> Ask(Client& client) {
  Status status;
  ASSIGN_OR_RETURN(status.health, CheckHealth(client));
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
      const v1::ListSeriesResponse series,
      client.CallForAllPages(client.series(), &SeriesService::Stub::ListSeries,
                             v1::ListSeriesRequest()));
  status.series = series.series_size();
  return status;
}

// Publishers take up to two months: two whole periods and 45 days after the end
// of the newest one, the next but one should be there.
bool IsStale(const v1::IndicatorSummary& summary, absl::Time now) {
  const auto period = series::ParsePeriod(summary.last().period());
  if (!period.ok()) return false;
  const series::Period two_later{period->frequency, period->ordinal + 2};
  return series::EndTime(two_later) + absl::Hours(24 * 45) < now;
}

// "NAME (newest is 2026-03)" for each indicator with a stale series.
std::vector<std::string> StaleIndicators(
    const v1::ListIndicatorsResponse& response, absl::Time now) {
  std::vector<std::string> stale;
  for (const auto& indicator : response.indicators()) {
    for (const auto& summary : indicator.summaries()) {
      if (!summary.has_last() || !IsStale(summary, now)) continue;
      const std::string labels = messages::FormatLabelValues(summary.labels());
      stale.push_back(
          absl::StrCat(LastSegment(indicator.name()), labels.empty() ? "" : " ",
                       labels, " (newest is ", summary.last().period(), ")"));
    }
  }
  return stale;
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
  return absl::AsciiStrToLower(
      HealthResponse::ServingStatus_Name(status.health));
}

std::string CountLine(const char* name, int64_t count, int64_t bad,
                      const char* what) {
  std::string line = absl::StrCat(name, FormatCount(count));
  if (bad > 0) absl::StrAppend(&line, ", ", FormatCount(bad), " ", what);
  return line + "\n";
}

void PrintStatus(const Context& context, const Status& status,
                 const std::vector<std::string>& stale) {
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
  if (stale.empty()) return;
  Print(
      "\nstale: the newest period ended more than two periods and 45 days "
      "ago\n");
  for (const auto& line : stale) Print(absl::StrCat("  ", line, "\n"));
}

absl::Status PrintStatusJson(const Status& status, int64_t stale) {
  ASSIGN_OR_RETURN(const std::string pipelines,
                   ToJson(status.pipelines.pipelines()));
  Print(absl::StrCat(
      "{\"health\":\"", HealthResponse::ServingStatus_Name(status.health),
      "\",\"series\":", status.series,
      ",\"plugins\":", status.plugins.plugins_size(),
      ",\"unusablePlugins\":", CountUnusablePlugins(status.plugins),
      ",\"indicators\":", status.indicators.indicators_size(),
      ",\"indicatorsWithoutData\":",
      CountIndicatorsWithoutData(status.indicators), ",\"staleSeries\":", stale,
      ",\"pipelines\":", pipelines, "}\n"));
  return absl::OkStatus();
}

absl::Status ShowStatus(const Context& context) {
  Client client = MakeClient(context);
  ASSIGN_OR_RETURN(const Status status, Ask(client));
  const std::vector<std::string> stale =
      StaleIndicators(status.indicators, absl::Now());
  if (context.format == Format::kJson) {
    RETURN_IF_ERROR(PrintStatusJson(status, stale.size()));
  } else if (context.format == Format::kCsv) {
    Print(PipelineTable(status.pipelines.pipelines()).ToCsv());
  } else {
    PrintStatus(context, status, stale);
  }
  if (status.health == HealthResponse::SERVING) return absl::OkStatus();
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
