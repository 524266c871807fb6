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
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/manager.h"
#include "daemon/service/calls/expression.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/service/sharing/sharing.h"
#include "daemon/store/store.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::AtField;
using messages::FieldError;

absl::StatusOr<std::string> ToMethod(const std::string& method) {
  if (method.empty()) return std::string("auto");
  if (forecast::IsMethodName(method) ||
      pipeline::PluginOfMethod(method).has_value()) {
    return method;
  }
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

// The indicator, if the caller is shown its values.
absl::StatusOr<const pipeline::Indicator*> FindShown(
    const Parts& parts, const Call& call,
    const pipeline::Definitions& definitions, absl::string_view field,
    absl::string_view name) {
  ASSIGN_OR_RETURN(const pipeline::Indicator* indicator,
                   FindIndicator(definitions, field, name));
  RETURN_IF_ERROR(CheckIndicatorShown(call.caller(), parts, indicator->name));
  return indicator;
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

// The cursor is the archive's.
absl::StatusOr<pipeline::IssueQuery> ToIssueQuery(int32_t page_size,
                                                  const std::string& page_token,
                                                  const std::string& scope) {
  RETURN_IF_ERROR(ParseAnswerPage(page_size, "", scope).status());
  pipeline::IssueQuery query;
  query.bounds.bytes = kPageBytes;
  if (page_size > 0) query.bounds.items = static_cast<size_t>(page_size);
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(query.page_token,
                     ParseToken("page_token", page_token, scope));
  }
  return query;
}

// Adds the forecasts as fields of encoded bytes, as they lie in the store.
// What is sent is the same as if each had been parsed and added as a message,
// which takes several times as long, and as much memory. So is the token, to
// come after them.
template <typename Response>
void FillResponse(pipeline::ForecastPage&& page, const std::string& scope,
                  Response* response) {
  google::protobuf::UnknownFieldSet* fields =
      response->GetReflection()->MutableUnknownFields(response);
  for (pipeline::StoredForecast& forecast : page.forecasts) {
    *fields->AddLengthDelimited(Response::kForecastsFieldNumber) =
        std::move(forecast.bytes);
  }
  if (!page.next_page_token.empty()) {
    fields->AddLengthDelimited(Response::kNextPageTokenFieldNumber,
                               MakeToken(scope, page.next_page_token));
  }
}

}  // namespace

absl::StatusOr<v1::GetForecastResponse> GetForecast(
    const Parts& parts, const Call& call,
    const v1::GetForecastRequest& request) {
  const std::string scope = ScopeOf("GetForecast", request);
  ASSIGN_OR_RETURN(
      pipeline::IssueQuery query,
      ToIssueQuery(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(query.as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindShown(parts, call, *definitions, "name", request.name()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(
      pipeline::ForecastPage page,
      parts.pipelines->LatestForecasts(indicator->name, *reader, query));
  v1::GetForecastResponse response;
  FillResponse(std::move(page), scope, &response);
  return response;
}

absl::StatusOr<v1::ListForecastsResponse> ListForecasts(
    const Parts& parts, const Call& call,
    const v1::ListForecastsRequest& request) {
  const std::string scope = absl::StrCat("ListForecasts\n", request.parent());
  ASSIGN_OR_RETURN(const Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindShown(parts, call, *definitions, "parent", request.parent()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(pipeline::ForecastPage forecasts,
                   parts.pipelines->ListForecasts(
                       indicator->name, *reader,
                       {.items = page.size, .bytes = kPageBytes}, page.cursor));
  v1::ListForecastsResponse response;
  FillResponse(std::move(forecasts), scope, &response);
  return response;
}

absl::StatusOr<v1::GetTrackRecordResponse> GetTrackRecord(
    const Parts& parts, const Call& call,
    const v1::GetTrackRecordRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindShown(parts, call, *definitions, "name", request.name()));
  const std::string scope = absl::StrCat(ScopeOf("GetTrackRecord", request),
                                         "\n", indicator->fingerprint);
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  if (page.pin.has_value()) as_of = page.pin->as_of;
  ASSIGN_OR_RETURN(const std::shared_ptr<const pipeline::Evaluation> evaluation,
                   parts.pipelines->ReadIndicator(
                       indicator->name, {.as_of = as_of,
                                         .recorded_by = page.recorded_by(),
                                         .check_alive = call.AliveCheck()}));
  // Scores are small: the columns of a page are those that it holds at most.
  const size_t most_records = request.with_strata() ? 200 : 10000;
  const query::Panel& whole = evaluation->panel;
  const size_t first = std::min(page.first, whole.columns.size());
  const size_t count =
      std::min({page.items, most_records, whole.columns.size() - first});
  query::Panel actuals = {whole.unit, {}};
  actuals.columns.assign(whole.columns.begin() + first,
                         whole.columns.begin() + first + count);
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(pipeline::IssueScores scores,
                   parts.pipelines->TrackRecords(
                       indicator->name, *reader, actuals,
                       {.as_of = std::min(as_of, evaluation->recorded_by),
                        .with_strata = request.with_strata(),
                        .check_alive = call.AliveCheck()}));
  v1::GetTrackRecordResponse response;
  for (v1::TrackRecord& record : scores.records) {
    *response.add_track_records() = std::move(record);
  }
  for (v1::TrackStratum& stratum : scores.strata) {
    *response.add_strata() = std::move(stratum);
  }
  if (first + count < whole.columns.size()) {
    response.set_next_page_token(MakeAnswerToken(
        scope, first + count, {as_of, evaluation->recorded_by}));
  }
  return response;
}

absl::StatusOr<v1::Forecast> AdjustForecast(
    const Parts& parts, const Call& call,
    const v1::AdjustForecastRequest& request) {
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(
      const pipeline::Indicator* indicator,
      FindShown(parts, call, *definitions, "name", request.name()));
  return parts.pipelines->AdjustForecast(indicator->name, request);
}

absl::StatusOr<v1::ComputeForecastResponse> ComputeForecast(
    const Parts& parts, const Call& call,
    const v1::ComputeForecastRequest& request) {
  ASSIGN_OR_RETURN(pipeline::PipelineManager::ForecastRequest task,
                   ToTask(parts, request));
  const std::string scope =
      absl::StrCat(ScopeOf("ComputeForecast", request), "\n",
                   pipeline::FingerprintOfAll(*parts.pipelines->definitions()));
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  if (page.pin.has_value()) task.as_of = page.pin->as_of;
  task.recorded_by = page.recorded_by();
  task.first_series = page.first;
  task.bounds = {.items = page.items, .bytes = kPageBytes};
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(const Sharing sharing,
                   Sharing::For(call.caller(), parts, *reader));
  RETURN_IF_ERROR(request.has_expression()
                      ? sharing.CheckExpression(task.expression)
                      : sharing.CheckIndicator(task.indicator));
  auto computed =
      parts.pipelines->ComputeForecast(task, *reader, call.AliveCheck());
  RETURN_IF_ERROR(call.CheckAlive());
  // Everything but the expression was checked: it is what is wrong.
  if (!computed.ok()) {
    return AtField(request.has_expression() ? "expression" : "indicator",
                   computed.status());
  }
  v1::ComputeForecastResponse response;
  for (v1::Forecast& forecast : computed->forecasts) {
    *response.add_forecasts() = std::move(forecast);
  }
  if (computed->next_series.has_value()) {
    response.set_next_page_token(
        MakeAnswerToken(scope, *computed->next_series,
                        {computed->as_of, computed->recorded_by}));
  }
  return response;
}

}  // namespace headway::service
