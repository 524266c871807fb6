// Recording and replaying of responses. A recording is a JSON file
//   {"url": …, "status": 200, "headers": {…}, "body": …}
// (or "body_base64" where the body is not UTF-8; of a POST with "request", the
// body that was sent, too), named by the hash of the address, and of that body,
// without secrets. The Python SDK reads and writes the same, and
// the daemon takes them over as the documents of a pull.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/document.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/json.h"
#include "plugins/sdk/cpp/text.h"

namespace headway::sdk {
namespace {

std::string RecordingPath(absl::string_view directory,
                          const HttpRequest& request) {
  std::string key = request.url;
  if (request.body.has_value()) {
    key = absl::StrCat("POST ", request.url, "\n", request.body->text);
  }
  return absl::StrCat(directory, "/", ContentHash(key).substr(0, 16), ".json");
}

std::map<std::string, std::string> RecordedHeaders(
    const HttpRequest& request, const HttpResponse& response) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : response.headers) {
    // Cookies are secrets that nobody declared.
    if (absl::StartsWith(name, "set-cookie")) continue;
    headers[name] = Scrubbed(request, value);
  }
  return headers;
}

std::string Serialize(const HttpRequest& request,
                      const HttpResponse& response) {
  nlohmann::ordered_json recording;
  recording["url"] = Scrubbed(request, request.url);
  recording["status"] = response.status;
  recording["headers"] = RecordedHeaders(request, response);
  if (request.body.has_value()) {
    recording["request"] = CleanUtf8(Scrubbed(request, request.body->text));
  }
  recording["body"] = response.body;
  try {
    return recording.dump(1);
  } catch (const nlohmann::json::type_error&) {  // not UTF-8
    recording.erase("body");
    recording["body_base64"] = absl::Base64Escape(response.body);
    return recording.dump(1, ' ', false,
                          nlohmann::json::error_handler_t::replace);
  }
}

class RecordingTransport final : public HttpTransport {
 public:
  RecordingTransport(std::string directory,
                     std::unique_ptr<HttpTransport> inner)
      : directory_(std::move(directory)), inner_(std::move(inner)) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    ASSIGN_OR_RETURN(HttpResponse response, inner_->Send(request));
    Record(request, response);
    return response;
  }

 private:
  // The answer is good whether or not it can be recorded, so a failure is a
  // line of the log.
  void Record(const HttpRequest& request, const HttpResponse& response) {
    const std::string path = RecordingPath(directory_, request);
    // Whole or not at all: others may read the directory meanwhile.
    const std::string part = path + ".part";
    std::ofstream file(part, std::ios::binary);
    bool written{(file << Serialize(request, response)).flush()};
    file.close();
    written = written && std::rename(part.c_str(), path.c_str()) == 0;
    if (written) return;
    std::fprintf(stderr, "%s: cannot write the recording: %s\n", path.c_str(),
                 std::strerror(errno));
    std::remove(part.c_str());
  }

  const std::string directory_;
  std::unique_ptr<HttpTransport> inner_;
};

class ReplayingTransport final : public HttpTransport {
 public:
  explicit ReplayingTransport(std::string directory)
      : directory_(std::move(directory)) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    std::string path = RecordingPath(directory_, request);
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      return SystemError(absl::StrCat(request.url, ": no recording at ", path));
    }
    std::stringstream text;
    text << file.rdbuf();
    ASSIGN_OR_RETURN(nlohmann::json recording, ParseJson(text.str(), path));
    return Deserialize(recording, path);
  }

 private:
  static absl::StatusOr<HttpResponse> Deserialize(
      const nlohmann::json& recording, absl::string_view path) {
    HttpResponse response;
    try {
      response.status = recording.at("status").get<int>();
      response.headers =
          recording.at("headers").get<std::map<std::string, std::string>>();
      if (recording.contains("body")) {
        response.body = recording["body"].get<std::string>();
      } else if (!absl::Base64Unescape(
                     recording.at("body_base64").get<std::string>(),
                     &response.body)) {
        return SystemError(absl::StrCat(path, ": body_base64 is not base64"));
      }
    } catch (const nlohmann::json::exception& e) {
      return SystemError(absl::StrCat(path, ": not a recording: ", e.what()));
    }
    return response;
  }

  const std::string directory_;
};

}  // namespace

std::unique_ptr<HttpTransport> MakeRecordingTransport(
    std::string directory, std::unique_ptr<HttpTransport> inner) {
  return std::make_unique<RecordingTransport>(std::move(directory),
                                              std::move(inner));
}

std::unique_ptr<HttpTransport> MakeReplayingTransport(std::string directory) {
  return std::make_unique<ReplayingTransport>(std::move(directory));
}

}  // namespace headway::sdk
