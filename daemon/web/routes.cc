#include "daemon/web/routes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/web/dashboard.h"
#include "daemon/web/json_api.h"
#include "daemon/web/listing.h"
#include "daemon/web/metrics.h"
#include "daemon/web/style.h"

namespace headway::web {
namespace {

constexpr bool kQuick = true;

using Answer = std::function<Reply(Visit&)>;
using Indicators = v1::IndicatorService::Stub;
using Forecasts = v1::ForecastService::Stub;
using Series = v1::SeriesService::Stub;
using Pipelines = v1::PipelineService::Stub;

// The same for everybody.
Answer Fixed(const char* content_type, const char* body) {
  return [content_type, body](Visit&) {
    return Reply{200, content_type, body};
  };
}

// A method of the API, with the resource's name in `name_field`.
template <typename Stub, typename In, typename Out>
Answer Json(Stub ApiStubs::*service,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const In&, Out*),
            std::string name_field = "") {
  return [service, method, name_field](Visit& visit) {
    return AnswerJson(service, method, name_field, visit);
  };
}

Reply AnswerUnknown(Visit& visit) {
  return JsonError(
      absl::NotFoundError(absl::StrCat("there is nothing at ", visit.path,
                                       "; docs/api.md lists what there "
                                       "is")));
}

// 200 while the daemon does its work, with what an operator should mend; 503
// when it cannot.
Reply AnswerHealth(Visit& visit) {
  const std::shared_ptr<const v1::Health> health = visit.site.server->health();
  std::string text = health->state() == v1::Health::HEALTHY    ? "ok\n"
                     : health->state() == v1::Health::DEGRADED ? "degraded\n"
                                                               : "failing\n";
  for (const v1::HealthProblem& problem : health->problems()) {
    absl::StrAppend(&text, problem.kind(), problem.subject().empty() ? "" : " ",
                    problem.subject(), ": ", problem.message(), "\n");
  }
  const bool fails = health->state() == v1::Health::FAILING;
  return {fails ? 503 : 200, kPlainText, std::move(text)};
}

Reply AnswerMetrics(Visit& visit) {
  MetricsInput input;
  grpc::Status status = ListAllPipelines(visit.api, &input.pipelines);
  if (status.ok()) {
    status = visit.api.Fetch(&ApiStubs::admin,
                             &v1::AdminService::Stub::GetStoreStats,
                             v1::GetStoreStatsRequest(), &input.store);
  }
  if (!status.ok()) {
    return {HttpStatus(status.error_code()), kPlainText,
            status.error_message() + "\n"};
  }
  input.calls = visit.site.server->metrics();
  input.requests = visit.site.requests.Read();
  input.http = visit.site.http->counts();
  input.health = visit.site.server->health();
  return {200, "text/plain; version=0.0.4; charset=utf-8",
          FormatMetrics(input)};
}

}  // namespace

std::vector<Route> AllRoutes() {
  using Api = ApiStubs;
  return {
      {"/healthz", AnswerHealth, kQuick},
      {"/metrics", AnswerMetrics},
      {"/style\\.css", Fixed("text/css; charset=utf-8", kStyleSheet), kQuick},
      {"/icon\\.svg", Fixed("image/svg+xml", kIcon), kQuick},
      {"/", AnswerDashboard},
      {"/(indicators/[^/]+)", AnswerIndicatorPage},
      {"/cite", AnswerCitationPage},

      {"/v1/indicators", Json(&Api::indicators, &Indicators::ListIndicators)},
      {"/v1/citations:create", Json(&Api::indicators, &Indicators::Cite)},
      {"/v1/citations:read", Json(&Api::indicators, &Indicators::ReadCitation)},
      {"/v1/(indicators/[^/]*):read",
       Json(&Api::indicators, &Indicators::ReadIndicator, "name")},
      {"/v1/(indicators/[^/]*):forecast",
       Json(&Api::forecasts, &Forecasts::GetForecast, "name")},
      {"/v1/(indicators/[^/]*):trackRecord",
       Json(&Api::forecasts, &Forecasts::GetTrackRecord, "name")},
      {"/v1/(indicators/[^/]*)",
       Json(&Api::indicators, &Indicators::GetIndicator, "name")},
      {"/v1/(indicators/[^/]*)/forecasts",
       Json(&Api::forecasts, &Forecasts::ListForecasts, "parent")},

      {"/v1/series", Json(&Api::series, &Series::ListSeries)},
      {"/v1/(series/[^/]*):read",
       Json(&Api::series, &Series::ReadSeries, "name")},
      {"/v1/(series/[^/]*)", Json(&Api::series, &Series::GetSeries, "name")},
      {"/v1/query", Json(&Api::series, &Series::Query)},

      {"/v1/pipelines", Json(&Api::pipelines, &Pipelines::ListPipelines)},
      {"/v1/(pipelines/[^/]*)",
       Json(&Api::pipelines, &Pipelines::GetPipeline, "name")},
      {"/v1/(pipelines/[^/]*)/runs",
       Json(&Api::pipelines, &Pipelines::ListRuns, "parent")},
      {"/v1/(pipelines/[^/]*/runs/[^/]*)",
       Json(&Api::pipelines, &Pipelines::GetRun, "name")},

      {"/v1/health", Json(&Api::admin, &v1::AdminService::Stub::GetHealth)},

      {"(?s)/v1/.*", AnswerUnknown, kQuick},
  };
}

}  // namespace headway::web
