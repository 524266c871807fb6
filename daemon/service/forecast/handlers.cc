#include "daemon/service/forecast/handlers.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/forecast/forecast.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/expression.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::AtField;
using messages::FieldError;

absl::StatusOr<std::string> ToMethod(const std::string& method) {
  if (method.empty()) return std::string("auto");
  if (forecast::IsMethodName(method)) return method;
  std::vector<std::string> known;
  for (absl::string_view name : forecast::MethodNames()) {
    known.emplace_back(name);
  }
  return FieldError("method", absl::StrCat("unknown method \"", method, "\"",
                                           DidYouMean(method, known)));
}

// Rising, whatever the order of the request.
absl::StatusOr<std::vector<double>> ToProbabilities(
    const v1::ComputeForecastRequest& request) {
  constexpr int kMost = 99;
  if (request.quantiles_size() > kMost) {
    return FieldError("quantiles",
                      absl::StrCat("has ", request.quantiles_size(),
                                   " entries; at most ", kMost, " are made"));
  }
  std::vector<double> probabilities(request.quantiles().begin(),
                                    request.quantiles().end());
  for (size_t i = 0; i < probabilities.size(); ++i) {
    // Not written as two comparisons that NaN would pass.
    if (!(probabilities[i] > 0 && probabilities[i] < 1)) {
      return FieldError(
          absl::StrCat("quantiles[", i, "]"),
          absl::StrCat("must lie between 0 and 1, is ", probabilities[i]));
    }
  }
  std::sort(probabilities.begin(), probabilities.end());
  const auto twice =
      std::adjacent_find(probabilities.begin(), probabilities.end());
  if (twice != probabilities.end()) {
    return FieldError("quantiles", absl::StrCat(*twice, " occurs twice"));
  }
  return probabilities;
}

absl::StatusOr<pipeline::PipelineManager::ForecastRequest> ToTask(
    const Parts& parts, const v1::ComputeForecastRequest& request) {
  constexpr int kFarthest = 1000;
  pipeline::PipelineManager::ForecastRequest task;
  switch (request.target_case()) {
    case v1::ComputeForecastRequest::kIndicator: {
      const auto definitions = parts.pipelines->definitions();
      ASSIGN_OR_RETURN(
          const pipeline::Indicator* indicator,
          FindIndicator(*definitions, "indicator", request.indicator()));
      task.indicator = indicator->name;
      break;
    }
    case v1::ComputeForecastRequest::kExpression:
      RETURN_IF_ERROR(CheckExpression("expression", request.expression()));
      task.expression = request.expression();
      break;
    case v1::ComputeForecastRequest::TARGET_NOT_SET:
      return FieldError("target", "give an indicator or an expression");
  }
  if (request.horizon() < 0 || request.horizon() > kFarthest) {
    return FieldError("horizon",
                      absl::StrCat("must be 0 to ", kFarthest, " periods, is ",
                                   request.horizon()));
  }
  task.horizon = request.horizon();
  ASSIGN_OR_RETURN(task.method, ToMethod(request.method()));
  ASSIGN_OR_RETURN(task.as_of, AsOf(request));
  ASSIGN_OR_RETURN(task.probabilities, ToProbabilities(request));
  return task;
}

}  // namespace

absl::StatusOr<v1::GetForecastResponse> GetForecast(
    const Parts& parts, const Call&, const v1::GetForecastRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      std::vector<v1::Forecast> forecasts,
      parts.pipelines->LatestForecasts(indicator->name, *reader, as_of));
  v1::GetForecastResponse response;
  for (v1::Forecast& forecast : forecasts) {
    *response.add_forecasts() = std::move(forecast);
  }
  return response;
}

absl::StatusOr<v1::ListForecastsResponse> ListForecasts(
    const Parts& parts, const Call&, const v1::ListForecastsRequest& request) {
  const std::string scope = absl::StrCat("ListForecasts\n", request.parent());
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                   FindIndicator(*definitions, "parent", request.parent()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(pipeline::PipelineManager::ForecastPage forecasts,
                   parts.pipelines->ListForecasts(indicator->name, *reader,
                                                  page.size, page.cursor));
  v1::ListForecastsResponse response;
  for (v1::Forecast& forecast : forecasts.forecasts) {
    *response.add_forecasts() = std::move(forecast);
  }
  if (!forecasts.next_page_token.empty()) {
    response.set_next_page_token(MakeToken(scope, forecasts.next_page_token));
  }
  return response;
}

absl::StatusOr<v1::GetTrackRecordResponse> GetTrackRecord(
    const Parts& parts, const Call&, const v1::GetTrackRecordRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      std::vector<v1::TrackRecord> records,
      parts.pipelines->TrackRecords(indicator->name, *reader, as_of));
  v1::GetTrackRecordResponse response;
  for (v1::TrackRecord& record : records) {
    *response.add_track_records() = std::move(record);
  }
  return response;
}

absl::StatusOr<v1::ComputeForecastResponse> ComputeForecast(
    const Parts& parts, const Call&,
    const v1::ComputeForecastRequest& request) {
  ASSIGN_OR_RETURN(pipeline::PipelineManager::ForecastRequest task,
                   ToTask(parts, request));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  auto forecasts = parts.pipelines->ComputeForecast(task, *reader);
  // Everything but the expression was checked: it is what is wrong.
  if (!forecasts.ok()) {
    return AtField(request.has_expression() ? "expression" : "indicator",
                   forecasts.status());
  }
  v1::ComputeForecastResponse response;
  for (v1::Forecast& forecast : *forecasts) {
    *response.add_forecasts() = std::move(forecast);
  }
  return response;
}

}  // namespace headway::service
