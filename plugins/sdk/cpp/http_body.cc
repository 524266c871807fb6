#include <utility>

#include "absl/strings/str_cat.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/json.h"

namespace headway::sdk {
namespace {

constexpr char kForm[] = "application/x-www-form-urlencoded";
constexpr char kJson[] = "application/json";

std::string EncodeForm(const HttpParameters& fields) {
  const std::string query = UrlWithQuery("", fields);
  return query.empty() ? query : query.substr(1);
}

}  // namespace

HttpBody FormBody(const HttpParameters& fields, HttpParameters secret_fields) {
  return {kForm, EncodeForm(fields), std::move(secret_fields)};
}

HttpBody JsonBody(std::string json, HttpParameters secret_fields) {
  return {kJson, std::move(json), std::move(secret_fields)};
}

absl::StatusOr<std::string> BodyWithSecrets(const HttpBody& body) {
  if (body.secret_fields.empty()) return body.text;
  if (body.content_type == kForm) {
    return absl::StrCat(body.text, body.text.empty() ? "" : "&",
                        EncodeForm(body.secret_fields));
  }
  nlohmann::ordered_json object =
      nlohmann::ordered_json::parse(body.text, nullptr, false);
  if (body.content_type != kJson || !object.is_object()) {
    return SystemError(
        "secret_fields belong to a form or a JSON object that is posted, and "
        "this body is neither");
  }
  for (const auto& [name, value] : body.secret_fields) object[name] = value;
  return object.dump(-1, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace headway::sdk
