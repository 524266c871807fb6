#include "daemon/web/dashboard.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/web/json_api.h"
#include "daemon/web/listing.h"
#include "daemon/web/pages.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::web {
namespace {

// Asked for besides what is shown, since some may have no values.
constexpr int kSpareSeries = 4;

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

absl::StatusOr<AsOf> ReadAsOf(const Visit& visit) {
  AsOf as_of;
  const auto found = visit.parameters.find("as_of");
  if (found == visit.parameters.end() || found->second.empty()) return as_of;
  as_of.text = found->second;
  auto instant = ParseTimeParameter(as_of.text);
  if (!instant.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("as_of: ", instant.status().message()));
  }
  as_of.instant = *std::move(instant);
  return as_of;
}

template <typename Request>
Request About(const std::string& indicator, const AsOf& as_of) {
  Request request;
  request.set_name(indicator);
  if (as_of.instant.has_value()) *request.mutable_as_of() = *as_of.instant;
  return request;
}

// Reads the indicator and its forecasts once each, and no more series than are
// shown. What cannot be read is shown in its place; fails if there is no such
// indicator.
grpc::Status ReadView(ApiClient& api, const std::string& name,
                      const AsOf& as_of, int most_shown, IndicatorView* view) {
  auto read = About<v1::ReadIndicatorRequest>(name, as_of);
  read.set_page_size(most_shown + kSpareSeries);
  v1::ReadIndicatorResponse values;
  grpc::Status status =
      api.Fetch(&ApiStubs::indicators,
                &v1::IndicatorService::Stub::ReadIndicator, read, &values);
  if (status.ok()) {
    view->indicator = std::move(*values.mutable_indicator());
  } else {
    view->error = status.error_message();
    status = api.Fetch(
        &ApiStubs::indicators, &v1::IndicatorService::Stub::GetIndicator,
        About<v1::GetIndicatorRequest>(name, as_of), &view->indicator);
    if (!status.ok()) return status;
  }
  view->series.assign(values.series().begin(), values.series().end());
  auto get = About<v1::GetForecastRequest>(name, as_of);
  get.set_page_size(most_shown + kSpareSeries);
  v1::GetForecastResponse forecasts;
  status = api.Fetch(&ApiStubs::forecasts,
                     &v1::ForecastService::Stub::GetForecast, get, &forecasts);
  if (!status.ok() && view->error.empty()) view->error = status.error_message();
  view->forecasts.assign(forecasts.forecasts().begin(),
                         forecasts.forecasts().end());
  return grpc::Status::OK;
}

// Those of all pipelines, by topic, then name.
grpc::Status ReadAllViews(ApiClient& api, const AsOf& as_of,
                          DashboardView* view) {
  for (const v1::Pipeline& pipeline : view->pipelines) {
    for (const std::string& name : pipeline.indicators()) {
      IndicatorView indicator;
      grpc::Status status = ReadView(api, name, as_of, kMostRows, &indicator);
      // One whose definition is wrong; the pipeline says so.
      if (status.error_code() == grpc::StatusCode::NOT_FOUND) continue;
      if (!status.ok()) return status;
      view->indicators.push_back(std::move(indicator));
    }
  }
  const auto place = [](const IndicatorView& indicator) {
    return std::tie(indicator.indicator.topic(), indicator.indicator.name());
  };
  std::sort(view->indicators.begin(), view->indicators.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return grpc::Status::OK;
}

}  // namespace

Reply HtmlError(int status, absl::string_view message) {
  return {status, kHtml, ErrorPage(Heading(status), message)};
}

Reply AnswerDashboard(Visit& visit) {
  const absl::StatusOr<AsOf> as_of = ReadAsOf(visit);
  if (!as_of.ok()) return HtmlError(400, as_of.status().message());
  DashboardView view;
  view.as_of = as_of->text;
  grpc::Status status = ListAllPipelines(visit.api, &view.pipelines);
  if (status.ok()) status = ReadAllViews(visit.api, *as_of, &view);
  if (!status.ok()) return HtmlError(status);
  return {200, kHtml, DashboardPage(view)};
}

Reply AnswerCitationPage(Visit& visit) {
  v1::ReadCitationRequest read;
  read.set_page_size(kMostCharts);
  const auto indicator = visit.parameters.find("indicator");
  const auto reference = visit.parameters.find("reference");
  if (indicator != visit.parameters.end()) {
    const absl::StatusOr<AsOf> as_of = ReadAsOf(visit);
    if (!as_of.ok()) return HtmlError(400, as_of.status().message());
    v1::CiteRequest cite;
    cite.set_indicator(indicator->second);
    if (as_of->instant.has_value()) *cite.mutable_as_of() = *as_of->instant;
    v1::Citation citation;
    const grpc::Status status =
        visit.api.Fetch(&ApiStubs::indicators,
                        &v1::IndicatorService::Stub::Cite, cite, &citation);
    if (!status.ok()) return HtmlError(status);
    read.set_reference(citation.reference());
  } else if (reference != visit.parameters.end()) {
    read.set_reference(reference->second);
  }
  v1::ReadCitationResponse cited;
  const grpc::Status status =
      visit.api.Fetch(&ApiStubs::indicators,
                      &v1::IndicatorService::Stub::ReadCitation, read, &cited);
  if (!status.ok()) return HtmlError(status);
  return {200, kHtml, CitationPage(cited)};
}

Reply AnswerIndicatorPage(Visit& visit) {
  const absl::StatusOr<AsOf> as_of = ReadAsOf(visit);
  if (!as_of.ok()) return HtmlError(400, as_of.status().message());
  IndicatorView view;
  const grpc::Status status =
      ReadView(visit.api, visit.name, *as_of, kMostCharts, &view);
  if (!status.ok()) return HtmlError(status);
  return {200, kHtml, IndicatorPage(view, as_of->text)};
}

}  // namespace headway::web
