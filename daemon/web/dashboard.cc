#include "daemon/web/dashboard.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/web/json_api.h"
#include "daemon/web/pages.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::web {
namespace {

constexpr int kMostPages = 100;

std::string Heading(int status) {
  if (status == 404) return "Not found";
  if (status == 400) return "That cannot be answered";
  return "Something went wrong";
}

Reply HtmlError(const grpc::Status& status) {
  return web::HtmlError(HttpStatus(status.error_code()),
                        status.error_message());
}

// As of when a page is asked for: the text as it was given, and what it means.
struct AsOf {
  std::string text;
  std::optional<google::protobuf::Timestamp> instant;
};

absl::StatusOr<AsOf> ReadAsOf(const Request& request) {
  AsOf as_of;
  const auto found = request.parameters.find("as_of");
  if (found == request.parameters.end() || found->second.empty()) return as_of;
  as_of.text = found->second;
  auto instant = ParseTimeParameter(as_of.text);
  if (!instant.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("as_of: ", instant.status().message()));
  }
  as_of.instant = *std::move(instant);
  return as_of;
}

grpc::Status ListAllIndicators(ApiClient& api,
                               v1::ListIndicatorsRequest request,
                               std::vector<v1::Indicator>* indicators) {
  request.set_order_by("topic");
  request.set_page_size(1000);
  for (int page = 0; page < kMostPages; ++page) {
    v1::ListIndicatorsResponse response;
    grpc::Status status =
        Fetch(api.indicators, &v1::IndicatorService::Stub::ListIndicators,
              request, &response);
    if (!status.ok()) return status;
    for (v1::Indicator& indicator : *response.mutable_indicators()) {
      indicators->push_back(std::move(indicator));
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  return grpc::Status::OK;
}

// What cannot be read of one indicator is shown beside it, not instead of all.
IndicatorView ReadView(ApiClient& api, const v1::Indicator& indicator,
                       const AsOf& as_of) {
  IndicatorView view;
  view.indicator = indicator;
  v1::ReadIndicatorRequest read;
  v1::GetForecastRequest get;
  read.set_name(indicator.name());
  get.set_name(indicator.name());
  if (as_of.instant.has_value()) {
    *read.mutable_as_of() = *as_of.instant;
    *get.mutable_as_of() = *as_of.instant;
  }
  v1::ReadIndicatorResponse values;
  grpc::Status status =
      Fetch(api.indicators, &v1::IndicatorService::Stub::ReadIndicator, read,
            &values);
  if (!status.ok()) view.error = status.error_message();
  view.series.assign(values.series().begin(), values.series().end());
  v1::GetForecastResponse forecasts;
  status = Fetch(api.forecasts, &v1::ForecastService::Stub::GetForecast, get,
                 &forecasts);
  if (!status.ok() && view.error.empty()) view.error = status.error_message();
  view.forecasts.assign(forecasts.forecasts().begin(),
                        forecasts.forecasts().end());
  return view;
}

}  // namespace

Reply HtmlError(int status, absl::string_view message) {
  return {status, kHtml, ErrorPage(Heading(status), message)};
}

Reply AnswerDashboard(ApiClient& api, const Request& request) {
  const absl::StatusOr<AsOf> as_of = ReadAsOf(request);
  if (!as_of.ok()) return HtmlError(400, as_of.status().message());
  v1::ListIndicatorsRequest list;
  if (as_of->instant.has_value()) *list.mutable_as_of() = *as_of->instant;
  std::vector<v1::Indicator> indicators;
  grpc::Status status = ListAllIndicators(api, list, &indicators);
  if (!status.ok()) return HtmlError(status);
  DashboardView view;
  view.as_of = as_of->text;
  for (const v1::Indicator& indicator : indicators) {
    view.indicators.push_back(ReadView(api, indicator, *as_of));
  }
  v1::ListPipelinesResponse pipelines;
  status = Fetch(api.pipelines, &v1::PipelineService::Stub::ListPipelines,
                 v1::ListPipelinesRequest(), &pipelines);
  if (!status.ok()) return HtmlError(status);
  view.pipelines.assign(pipelines.pipelines().begin(),
                        pipelines.pipelines().end());
  return {200, kHtml, DashboardPage(view)};
}

Reply AnswerIndicatorPage(ApiClient& api, const Request& request) {
  const absl::StatusOr<AsOf> as_of = ReadAsOf(request);
  if (!as_of.ok()) return HtmlError(400, as_of.status().message());
  v1::GetIndicatorRequest get;
  get.set_name(request.name);
  v1::Indicator indicator;
  const grpc::Status status =
      Fetch(api.indicators, &v1::IndicatorService::Stub::GetIndicator, get,
            &indicator);
  if (!status.ok()) return HtmlError(status);
  return {200, kHtml,
          IndicatorPage(ReadView(api, indicator, *as_of), as_of->text)};
}

}  // namespace headway::web
