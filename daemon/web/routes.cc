#include "daemon/web/routes.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/web/dashboard.h"
#include "daemon/web/json_api.h"
#include "daemon/web/metrics.h"
#include "daemon/web/style.h"

namespace headway::web {
namespace {

using Answer = std::function<Reply(Site&, const Request&)>;
using Indicators = v1::IndicatorService::Stub;
using Forecasts = v1::ForecastService::Stub;
using Series = v1::SeriesService::Stub;
using Pipelines = v1::PipelineService::Stub;

// The same for everybody.
Answer Fixed(const char* content_type, const char* body) {
  return [content_type, body](Site&, const Request&) {
    return Reply{200, content_type, body};
  };
}

Answer Html(Reply (*answer)(ApiClient&, const Request&)) {
  return [answer](Site& site, const Request& request) {
    return answer(site.api, request);
  };
}

// A method of the API, with the resource's name in `name_field`.
template <typename Stub, typename In, typename Out>
Answer Json(Stub ApiClient::*stub,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const In&, Out*),
            std::string name_field = "") {
  return [stub, method, name_field](Site& site, const Request& request) {
    return AnswerJson(site.api.*stub, method, name_field, request);
  };
}

Reply AnswerUnknown(Site&, const Request& request) {
  return JsonError(
      absl::NotFoundError(absl::StrCat("there is nothing at ", request.path,
                                       "; docs/api.md lists what there "
                                       "is")));
}

Reply AnswerMetrics(Site& site, const Request&) {
  v1::ListPipelinesResponse pipelines;
  MetricsInput input;
  grpc::Status status = Fetch(site.api.pipelines, &Pipelines::ListPipelines,
                              v1::ListPipelinesRequest(), &pipelines);
  if (status.ok()) {
    status = Fetch(site.api.admin, &v1::AdminService::Stub::GetStoreStats,
                   v1::GetStoreStatsRequest(), &input.store);
  }
  if (!status.ok()) {
    return {HttpStatus(status.error_code()), kPlainText,
            status.error_message() + "\n"};
  }
  input.calls = site.server->metrics();
  input.pipelines.assign(pipelines.pipelines().begin(),
                         pipelines.pipelines().end());
  return {200, "text/plain; version=0.0.4; charset=utf-8",
          FormatMetrics(input)};
}

}  // namespace

std::vector<Route> AllRoutes() {
  using Api = ApiClient;
  return {
      {"/healthz", Fixed(kPlainText, "ok\n")},
      {"/metrics", AnswerMetrics},
      {"/style.css", Fixed("text/css; charset=utf-8", kStyleSheet)},
      {"/icon.svg", Fixed("image/svg+xml", kIcon)},
      {"/", Html(AnswerDashboard)},
      {"/(indicators/[^/]+)", Html(AnswerIndicatorPage)},

      {"/v1/indicators", Json(&Api::indicators, &Indicators::ListIndicators)},
      {"/v1/(indicators/[^/]*):read",
       Json(&Api::indicators, &Indicators::ReadIndicator, "name")},
      {"/v1/(indicators/[^/]*):forecast",
       Json(&Api::forecasts, &Forecasts::GetForecast, "name")},
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

      {"/v1/.*", AnswerUnknown},
  };
}

}  // namespace headway::web
