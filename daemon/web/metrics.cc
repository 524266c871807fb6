#include "daemon/web/metrics.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace headway::web {
namespace {

using Calls = service::CallMetrics;

void AddHeader(absl::string_view name, absl::string_view type,
               absl::string_view help, std::string* text) {
  absl::StrAppend(text, "# HELP ", name, " ", help, "\n# TYPE ", name, " ",
                  type, "\n");
}

std::string Label(absl::string_view name, absl::string_view value) {
  return absl::StrCat(
      name, "=\"",
      absl::StrReplaceAll(value,
                          {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
      "\"");
}

// StrCat keeps six digits, too few for an instant.
std::string Number(double value) { return absl::StrFormat("%.15g", value); }

void AddCalls(const Calls::Snapshot& calls, std::string* text) {
  AddHeader("headway_grpc_calls_total", "counter",
            "Calls that ended, by method and status code.", text);
  for (const auto& [key, count] : calls.calls) {
    const auto& [method, code] = key;
    absl::StrAppend(text, "headway_grpc_calls_total{", Label("method", method),
                    ",", Label("code", absl::StatusCodeToString(code)), "} ",
                    count, "\n");
  }
  AddHeader("headway_grpc_open_watches", "gauge", "Open watch streams.", text);
  absl::StrAppend(text, "headway_grpc_open_watches ", calls.open_streams, "\n");
}

void AddLatencies(const Calls::Snapshot& calls, std::string* text) {
  const std::string name = "headway_grpc_call_seconds";
  AddHeader(name, "histogram",
            "Time from the arrival of a call to its end, the wait in the queue "
            "included.",
            text);
  for (const auto& [method, latency] : calls.latencies) {
    int64_t below = 0;
    for (size_t i = 0; i < latency.counts.size(); ++i) {
      below += latency.counts[i];
      const std::string bound =
          i < Calls::kBounds.size() ? absl::StrCat(Calls::kBounds[i]) : "+Inf";
      absl::StrAppend(text, name, "_bucket{", Label("method", method), ",",
                      Label("le", bound), "} ", below, "\n");
    }
    absl::StrAppend(text, name, "_sum{", Label("method", method), "} ",
                    Number(latency.sum_seconds), "\n", name, "_count{",
                    Label("method", method), "} ", below, "\n");
  }
}

void AddSample(absl::string_view name, absl::string_view type,
               absl::string_view help, int64_t value, std::string* text) {
  AddHeader(name, type, help, text);
  absl::StrAppend(text, name, " ", value, "\n");
}

void AddRequests(const RequestCounts::Snapshot& requests, std::string* text) {
  AddHeader("headway_http_requests_total", "counter",
            "HTTP requests that were answered, by route and status.", text);
  for (const auto& [key, count] : requests) {
    const auto& [route, status] = key;
    absl::StrAppend(text, "headway_http_requests_total{", Label("route", route),
                    ",", Label("code", absl::StrCat(status)), "} ", count,
                    "\n");
  }
}

void AddConnections(const HttpCounts& http, std::string* text) {
  AddHeader("headway_http_refusals_total", "counter",
            "HTTP requests that were refused before a route saw them, by "
            "status.",
            text);
  for (const auto& [status, count] : http.refusals) {
    absl::StrAppend(text, "headway_http_refusals_total{",
                    Label("code", absl::StrCat(status)), "} ", count, "\n");
  }
  AddSample("headway_http_open_connections", "gauge", "Open HTTP connections.",
            http.open_connections, text);
  AddSample("headway_http_connections_total", "counter",
            "HTTP connections that were accepted.", http.accepted_connections,
            text);
  AddSample("headway_http_evicted_connections_total", "counter",
            "HTTP connections that were closed to make room for newer ones.",
            http.evicted_connections, text);
  AddSample("headway_http_refused_connections_total", "counter",
            "HTTP connections that were closed because there was no room.",
            http.refused_connections, text);
  AddSample("headway_http_timeouts_total", "counter",
            "HTTP connections that were closed because the client took too "
            "long.",
            http.timeouts, text);
}

void AddStore(const v1::StoreStats& store, std::string* text) {
  AddHeader("headway_store_commits_total", "counter",
            "Commits since the store was made.", text);
  absl::StrAppend(text, "headway_store_commits_total ", store.commits(), "\n");
  AddHeader("headway_store_series", "gauge", "Series in the store.", text);
  absl::StrAppend(text, "headway_store_series ", store.series(), "\n");
  AddHeader("headway_store_bytes", "gauge",
            "What the store takes up on disk, by what it is.", text);
  for (const auto& [kind, bytes] :
       {std::pair("tables", store.table_bytes()),
        std::pair("log", store.log_bytes()),
        std::pair("kept_log", store.kept_log_bytes())}) {
    absl::StrAppend(text, "headway_store_bytes{", Label("kind", kind), "} ",
                    bytes, "\n");
  }
  AddHeader("headway_store_free_disk_bytes", "gauge",
            "Free on the file system of the store.", text);
  absl::StrAppend(text, "headway_store_free_disk_bytes ",
                  store.free_disk_bytes(), "\n");
  // Absent until there is one, so that an alert on its absence can be made.
  AddHeader("headway_store_last_backup_timestamp_seconds", "gauge",
            "When the newest backup was made.", text);
  if (store.has_last_backup()) {
    absl::StrAppend(text, "headway_store_last_backup_timestamp_seconds ",
                    store.last_backup().create_time().seconds(), "\n");
  }
}

// One sample for each pipeline that has a value.
template <typename Value>
void AddPipelineGauge(const MetricsInput& input, absl::string_view name,
                      absl::string_view help, Value value, std::string* text) {
  AddHeader(name, "gauge", help, text);
  for (const v1::Pipeline& pipeline : input.pipelines) {
    const double number = value(pipeline);
    if (std::isnan(number)) continue;
    absl::StrAppend(
        text, name, "{",
        Label("pipeline", absl::StripPrefix(pipeline.name(), "pipelines/")),
        "} ", Number(number), "\n");
  }
}

void AddPipelines(const MetricsInput& input, std::string* text) {
  AddPipelineGauge(
      input, "headway_pipeline_paused", "1 if the pipeline does not fire.",
      [](const v1::Pipeline& p) { return p.paused() ? 1.0 : 0.0; }, text);
  AddPipelineGauge(
      input, "headway_pipeline_errors", "Errors in the pipeline's definition.",
      [](const v1::Pipeline& p) { return p.errors_size(); }, text);
  AddPipelineGauge(
      input, "headway_pipeline_last_run_end_timestamp_seconds",
      "When the newest run ended.",
      [](const v1::Pipeline& p) {
        if (!p.last_run().has_end_time()) return std::nan("");
        return static_cast<double>(p.last_run().end_time().seconds());
      },
      text);
  AddPipelineGauge(
      input, "headway_pipeline_last_run_succeeded",
      "1 if the newest run succeeded, 0 if it ended otherwise.",
      [](const v1::Pipeline& p) {
        if (!p.last_run().has_end_time()) return std::nan("");
        return p.last_run().state() == v1::Run::SUCCEEDED ? 1.0 : 0.0;
      },
      text);
}

void AddHealth(const v1::Health& health, std::string* text) {
  AddHeader("headway_health", "gauge",
            "0 if nothing is wrong, 1 if something needs an operator, 2 if the "
            "daemon cannot do its work.",
            text);
  absl::StrAppend(text, "headway_health ", health.state() - v1::Health::HEALTHY,
                  "\n");
  AddHeader("headway_health_problems", "gauge",
            "What is wrong now, by kind; GetHealth has the words.", text);
  std::map<std::string, int> kinds;
  for (const v1::HealthProblem& problem : health.problems()) {
    ++kinds[problem.kind()];
  }
  for (const auto& [kind, count] : kinds) {
    absl::StrAppend(text, "headway_health_problems{", Label("kind", kind), "} ",
                    count, "\n");
  }
}

}  // namespace

std::string FormatMetrics(const MetricsInput& input) {
  std::string text;
  AddCalls(input.calls, &text);
  AddLatencies(input.calls, &text);
  AddRequests(input.requests, &text);
  AddConnections(input.http, &text);
  AddStore(input.store, &text);
  AddPipelines(input, &text);
  if (input.health != nullptr) AddHealth(*input.health, &text);
  return text;
}

}  // namespace headway::web
