#include "daemon/web/json_api.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "headway/v1/error_details.pb.h"

namespace headway::web {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Struct;
using google::protobuf::Value;

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  // Fails on an instant beyond the year 9999 only, which handlers never send.
  return status.ok() ? json : "{}";
}

Reply JsonReply(int status, const Message& message) {
  return {status, "application/json; charset=utf-8", ToJson(message)};
}

const char* CodeName(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {"OK",
                                           "CANCELLED",
                                           "UNKNOWN",
                                           "INVALID_ARGUMENT",
                                           "DEADLINE_EXCEEDED",
                                           "NOT_FOUND",
                                           "ALREADY_EXISTS",
                                           "PERMISSION_DENIED",
                                           "RESOURCE_EXHAUSTED",
                                           "FAILED_PRECONDITION",
                                           "ABORTED",
                                           "OUT_OF_RANGE",
                                           "UNIMPLEMENTED",
                                           "INTERNAL",
                                           "UNAVAILABLE",
                                           "DATA_LOSS",
                                           "UNAUTHENTICATED"};
  return code >= 0 && code <= 16 ? kNames[code] : "UNKNOWN";
}

// Details are google.rpc's on the wire and our own messages here, so that the
// JSON mapping of Any does not know them.
template <typename Detail>
void AddDetail(const google::protobuf::Any& any, absl::string_view name,
               google::protobuf::ListValue* list) {
  Detail detail;
  if (any.type_url() != absl::StrCat("type.googleapis.com/google.rpc.", name) ||
      !detail.ParseFromString(any.value())) {
    return;
  }
  Struct fields;
  if (!google::protobuf::util::JsonStringToMessage(ToJson(detail), &fields)
           .ok()) {
    return;
  }
  (*fields.mutable_fields())["@type"].set_string_value(any.type_url());
  *list->add_values()->mutable_struct_value() = std::move(fields);
}

Reply ErrorReply(const grpc::Status& status) {
  const int http = HttpStatus(status.error_code());
  Struct body;
  auto& error = *(*body.mutable_fields())["error"]
                     .mutable_struct_value()
                     ->mutable_fields();
  error["code"].set_number_value(http);
  error["status"].set_string_value(CodeName(status.error_code()));
  error["message"].set_string_value(status.error_message());
  v1::RpcStatus details;
  if (details.ParseFromString(status.error_details())) {
    auto* list = error["details"].mutable_list_value();
    for (const google::protobuf::Any& any : details.details()) {
      AddDetail<v1::BadRequest>(any, "BadRequest", list);
      AddDetail<v1::ErrorInfo>(any, "ErrorInfo", list);
    }
  }
  return JsonReply(http, body);
}

Reply ErrorReply(const absl::Status& status) {
  return ErrorReply(grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                                 std::string(status.message())));
}

absl::Status BadParameter(absl::string_view name, absl::string_view value,
                          absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": \"", value, "\" is not ", wanted));
}

// Puts a parameter into the field of its name: a text, a whole number or an
// instant, which is all that reading requests are made of.
absl::Status SetField(const std::string& name, const std::string& value,
                      Message* request) {
  const FieldDescriptor* field =
      request->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated()) {
    std::vector<std::string> known;
    for (int i = 0; i < request->GetDescriptor()->field_count(); ++i) {
      known.push_back(request->GetDescriptor()->field(i)->name());
    }
    return absl::InvalidArgumentError(absl::StrCat("unknown parameter \"", name,
                                                   "\"; there are ",
                                                   absl::StrJoin(known, ", ")));
  }
  const google::protobuf::Reflection& reflection = *request->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection.SetString(request, field, value);
    return absl::OkStatus();
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    int32_t number = 0;
    if (!absl::SimpleAtoi(value, &number)) {
      return BadParameter(name, value, "a whole number");
    }
    reflection.SetInt32(request, field, number);
    return absl::OkStatus();
  }
  auto instant = ParseInstant(value);
  if (!instant.ok()) {
    return BadParameter(name, value, "a date or an RFC 3339 instant");
  }
  reflection.MutableMessage(request, field)->CopyFrom(*instant);
  return absl::OkStatus();
}

// Calls `method` with the resource's name in `name_field`, where there is one,
// and the parameters in the other fields.
template <typename Stub, typename Request, typename Response>
Reply Transcode(Stub& stub,
                grpc::Status (Stub::*method)(grpc::ClientContext*,
                                             const Request&, Response*),
                const std::string& name_field, const std::string& name,
                const QueryParameters& parameters) {
  Request request;
  for (const auto& [key, value] : parameters) {
    const absl::Status status = SetField(key, value, &request);
    if (!status.ok()) return ErrorReply(status);
  }
  if (!name_field.empty()) {
    const absl::Status status = SetField(name_field, name, &request);
    if (!status.ok()) return ErrorReply(status);
  }
  Response response;
  const grpc::Status status = Call(stub, method, request, &response);
  return status.ok() ? JsonReply(200, response) : ErrorReply(status);
}

using Indicators = v1::IndicatorService::Stub;
using Forecasts = v1::ForecastService::Stub;
using Series = v1::SeriesService::Stub;
using Pipelines = v1::PipelineService::Stub;

Reply AnswerIndicator(ApiClient& api, absl::string_view name,
                      const QueryParameters& p) {
  if (absl::ConsumeSuffix(&name, ":read")) {
    return Transcode(api.indicators, &Indicators::ReadIndicator, "name",
                     std::string(name), p);
  }
  if (absl::ConsumeSuffix(&name, ":forecast")) {
    return Transcode(api.forecasts, &Forecasts::GetForecast, "name",
                     std::string(name), p);
  }
  return Transcode(api.indicators, &Indicators::GetIndicator, "name",
                   std::string(name), p);
}

Reply AnswerSeries(ApiClient& api, absl::string_view name,
                   const QueryParameters& p) {
  if (absl::ConsumeSuffix(&name, ":read")) {
    return Transcode(api.series, &Series::ReadSeries, "name", std::string(name),
                     p);
  }
  return Transcode(api.series, &Series::GetSeries, "name", std::string(name),
                   p);
}

}  // namespace

absl::StatusOr<google::protobuf::Timestamp> ParseInstant(
    absl::string_view text) {
  google::protobuf::Timestamp instant;
  const std::string full = absl::StrContains(text, 'T')
                               ? std::string(text)
                               : absl::StrCat(text, "T00:00:00Z");
  if (!google::protobuf::util::TimeUtil::FromString(full, &instant)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" is not a date such as 2026-03-05 or an instant such "
                     "as 2026-03-05T14:00:00Z"));
  }
  return instant;
}

Reply AnswerJson(ApiClient& api, const std::string& path,
                 const QueryParameters& p) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::StripPrefix(path, "/v1/"), '/');
  const std::string& collection = parts[0];
  const std::string name = absl::StrJoin(
      parts.begin(), parts.begin() + std::min<size_t>(parts.size(), 2), "/");
  if (parts.size() == 1) {
    if (collection == "indicators") {
      return Transcode(api.indicators, &Indicators::ListIndicators, "", "", p);
    }
    if (collection == "series") {
      return Transcode(api.series, &Series::ListSeries, "", "", p);
    }
    if (collection == "query") {
      return Transcode(api.series, &Series::Query, "", "", p);
    }
    if (collection == "pipelines") {
      return Transcode(api.pipelines, &Pipelines::ListPipelines, "", "", p);
    }
  }
  if (parts.size() == 2) {
    if (collection == "indicators") return AnswerIndicator(api, name, p);
    if (collection == "series") return AnswerSeries(api, name, p);
    if (collection == "pipelines") {
      return Transcode(api.pipelines, &Pipelines::GetPipeline, "name", name, p);
    }
  }
  if (parts.size() == 3 && collection == "indicators" &&
      parts[2] == "forecasts") {
    return Transcode(api.forecasts, &Forecasts::ListForecasts, "parent", name,
                     p);
  }
  if (collection == "pipelines" && parts.size() >= 3 && parts[2] == "runs") {
    if (parts.size() == 3) {
      return Transcode(api.pipelines, &Pipelines::ListRuns, "parent", name, p);
    }
    if (parts.size() == 4) {
      return Transcode(api.pipelines, &Pipelines::GetRun, "name",
                       std::string(absl::StripPrefix(path, "/v1/")), p);
    }
  }
  return ErrorReply(
      absl::NotFoundError(absl::StrCat("there is nothing at ", path,
                                       "; docs/api.md lists what "
                                       "there is")));
}

}  // namespace headway::web
