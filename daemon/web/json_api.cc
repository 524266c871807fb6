#include "daemon/web/json_api.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/timestamp.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace headway::web {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Struct;

std::string ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  // An observation of 0 has a value; without this it would have none.
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  // Fails on an instant beyond the year 9999 only, which handlers never send.
  return status.ok() ? json : "{}";
}

Reply MakeReply(int status, const Message& message) {
  return {status, "application/json; charset=utf-8", ToJson(message)};
}

// Details are google.rpc's on the wire and our own messages here, so that the
// JSON mapping of Any does not know them.
template <typename Detail>
void AddDetail(const google::protobuf::Any& any,
               google::protobuf::ListValue* list) {
  Detail detail;
  Struct fields;
  if (!messages::UnpackDetail(any, &detail) ||
      !google::protobuf::util::JsonStringToMessage(ToJson(detail), &fields)
           .ok()) {
    return;
  }
  (*fields.mutable_fields())["@type"].set_string_value(any.type_url());
  *list->add_values()->mutable_struct_value() = std::move(fields);
}

absl::Status BadParameter(absl::string_view name, absl::string_view value,
                          absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": \"", value, "\" is not ", wanted));
}

// Puts a parameter into the field of its name: a text, a whole number, true or
// false, or an instant, which is all that reading requests are made of.
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
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    if (value != "true" && value != "false") {
      return BadParameter(name, value, "true or false");
    }
    reflection.SetBool(request, field, value == "true");
    return absl::OkStatus();
  }
  auto instant = ParseTimeParameter(value);
  if (!instant.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", instant.status().message()));
  }
  reflection.MutableMessage(request, field)->CopyFrom(*instant);
  return absl::OkStatus();
}

}  // namespace

Reply JsonReply(const Message& message) { return MakeReply(200, message); }

Reply JsonError(const grpc::Status& status) {
  const int http = HttpStatus(status.error_code());
  Struct body;
  auto& error = *(*body.mutable_fields())["error"]
                     .mutable_struct_value()
                     ->mutable_fields();
  error["code"].set_number_value(http);
  error["status"].set_string_value(absl::StatusCodeToString(
      static_cast<absl::StatusCode>(status.error_code())));
  error["message"].set_string_value(status.error_message());
  v1::RpcStatus details;
  if (details.ParseFromString(status.error_details())) {
    auto* list = error["details"].mutable_list_value();
    for (const google::protobuf::Any& any : details.details()) {
      AddDetail<v1::BadRequest>(any, list);
      AddDetail<v1::ErrorInfo>(any, list);
    }
  }
  return MakeReply(http, body);
}

Reply JsonError(const absl::Status& status) {
  return JsonError(grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                                std::string(status.message())));
}

absl::Status FillMessage(const Visit& visit, const std::string& name_field,
                         Message* message) {
  for (const auto& [name, value] : visit.parameters) {
    RETURN_IF_ERROR(SetField(name, value, message));
  }
  if (name_field.empty()) return absl::OkStatus();
  return SetField(name_field, visit.name, message);
}

absl::StatusOr<google::protobuf::Timestamp> ParseTimeParameter(
    absl::string_view text) {
  ASSIGN_OR_RETURN(absl::Time instant, ParseDateOrInstant(text));
  return messages::ToTimestamp(instant);
}

}  // namespace headway::web
