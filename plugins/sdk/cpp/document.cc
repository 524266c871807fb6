#include "plugins/sdk/cpp/document.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/json.h"

namespace headway::sdk {
namespace {

std::string Field(const nlohmann::json& state, const char* name) {
  auto it = state.find(name);
  return it != state.end() && it->is_string() ? it->get<std::string>()
                                              : std::string();
}

}  // namespace

absl::StatusOr<Document> FetchIfChanged(HttpClient& http, HttpRequest request,
                                        absl::string_view checkpoint,
                                        absl::string_view fingerprint) {
  // A state that cannot be read is that of another version: start afresh.
  nlohmann::json last = nlohmann::json::parse(checkpoint.begin(),
                                              checkpoint.end(), nullptr, false);
  bool comparable =
      last.is_object() && Field(last, "fingerprint") == fingerprint;
  if (comparable) {
    request.etag = Field(last, "etag");
    request.last_modified = Field(last, "last_modified");
  }
  ASSIGN_OR_RETURN(HttpResponse response, http.Get(request));
  Document document;
  if (response.status == 304) {
    document.checkpoint = std::string(checkpoint);
    return document;
  }
  nlohmann::json next = {
      {"fingerprint", std::string(fingerprint)},
      {"sha256", ContentHash(response.body)},
      {"etag", std::string(response.Header("etag"))},
      {"last_modified", std::string(response.Header("last-modified"))}};
  document.changed =
      !comparable || Field(last, "sha256") != Field(next, "sha256");
  // A publisher's header may hold any bytes.
  document.checkpoint =
      next.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (document.changed) document.body = std::move(response.body);
  return document;
}

std::string ContentHash(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace headway::sdk
