#include "plugins/sdk/cpp/http.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/json.h"

namespace headway::sdk {
namespace {

constexpr absl::string_view kFileScheme = "file://";

bool IsRetriedStatus(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2]) &&
        std::sscanf(std::string(text.substr(i + 1, 2)).c_str(), "%2x", &byte) ==
            1) {
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

absl::Status TooLarge(absl::string_view url, int64_t limit) {
  return SystemError(absl::StrCat(url, ": the response is larger than ", limit,
                                  " bytes, the limit; ask for less at a time"));
}

absl::StatusOr<HttpResponse> ReadFileUrl(absl::string_view url, int64_t limit) {
  std::string path = PercentDecode(absl::StripPrefix(url, kFileScheme));
  if (!absl::StartsWith(path, "/")) {
    return ConfigError(absl::StrCat(
        url, ": write file:///absolute/path; a host is not allowed"));
  }
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return ConfigError(absl::StrCat(url, ": not a regular file"));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    return ConfigError(
        absl::StrCat(url, ": cannot read the file: ", std::strerror(errno)));
  }
  const int64_t size = file.tellg();
  if (size > limit) return TooLarge(url, limit);
  HttpResponse response;
  response.status = 200;
  response.body.resize(static_cast<size_t>(size));
  file.seekg(0);
  if (!file.read(response.body.data(), size)) {
    return ConfigError(absl::StrCat(
        url, ": the file changed while it was read; replace it by a rename"));
  }
  return response;
}

bool IsLoopbackHttp(absl::string_view url) {
  if (!absl::ConsumePrefix(&url, "http://")) return false;
  absl::string_view host = url.substr(0, url.find_first_of(":/?#"));
  return host == "localhost" || host == "127.0.0.1" ||
         absl::StartsWith(url, "[::1]");
}

// What libcurl writes into while one response comes in.
struct Incoming {
  HttpResponse response;
  int64_t limit = 0;
  bool too_large = false;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* incoming = static_cast<Incoming*>(user);
  size_t bytes = size * count;
  if (static_cast<int64_t>(incoming->response.body.size() + bytes) >
      incoming->limit) {
    incoming->too_large = true;
    return 0;
  }
  incoming->response.body.append(data, bytes);
  return bytes;
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto* incoming = static_cast<Incoming*>(user);
  absl::string_view line(data, size * count);
  // A status line starts the headers of a further response, after a redirect
  // or "100 Continue".
  if (absl::StartsWith(line, "HTTP/")) incoming->response.headers.clear();
  size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    incoming->response.headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return size * count;
}

absl::Status CurlError(absl::string_view url, CURLcode code) {
  std::string problem = curl_easy_strerror(code);
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return ConfigError(
          absl::StrCat(url, ": not an address that can be read: ", problem,
                       "; write https://…, http://… or file:///absolute/path"));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return ConfigError(absl::StrCat(
          url, ": the server's certificate cannot be verified: ", problem,
          "; check the address and that ca-certificates is installed"));
    case CURLE_TOO_MANY_REDIRECTS:
      return ConfigError(absl::StrCat(url, ": ", problem));
    default:
      return TransientError(absl::StrCat(url, ": ", problem));
  }
}

class NetworkTransport final : public HttpTransport {
 public:
  explicit NetworkTransport(const HttpOptions& options) : options_(options) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised == CURLE_OK) handle_ = curl_easy_init();
  }
  ~NetworkTransport() override {
    if (handle_ != nullptr) curl_easy_cleanup(handle_);
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;

 private:
  void SetOptions(const std::string& url, curl_slist* headers,
                  Incoming* incoming);

  const HttpOptions options_;
  CURL* handle_ = nullptr;
};

void NetworkTransport::SetOptions(const std::string& url, curl_slist* headers,
                                  Incoming* incoming) {
  curl_easy_reset(handle_);
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle_, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION,
                   options_.max_redirects > 0 ? 1L : 0L);
  curl_easy_setopt(handle_, CURLOPT_MAXREDIRS,
                   static_cast<long>(options_.max_redirects));
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  // Every encoding that libcurl knows; the limit counts decoded bytes.
  curl_easy_setopt(handle_, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle_, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(
      handle_, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(options_.connect_timeout)));
  curl_easy_setopt(
      handle_, CURLOPT_TIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, incoming);
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, incoming);
}

absl::StatusOr<HttpResponse> NetworkTransport::Send(
    const HttpRequest& request) {
  if (absl::StartsWith(request.url, kFileScheme)) {
    return ReadFileUrl(request.url, options_.max_response_bytes);
  }
  if (!request.secret_parameters.empty() &&
      absl::StartsWith(request.url, "http://") &&
      !IsLoopbackHttp(request.url)) {
    return ConfigError(absl::StrCat(
        request.url, ": a secret is not sent over http; write https://"));
  }
  if (handle_ == nullptr) return SystemError("libcurl cannot be initialised");
  std::string url = UrlWithQuery(request.url, request.secret_parameters);
  curl_slist* headers = nullptr;
  auto add_header = [&](absl::string_view name, absl::string_view value) {
    headers =
        curl_slist_append(headers, absl::StrCat(name, ": ", value).c_str());
  };
  for (const auto& [name, value] : request.headers) add_header(name, value);
  if (!request.etag.empty()) add_header("If-None-Match", request.etag);
  if (!request.last_modified.empty()) {
    add_header("If-Modified-Since", request.last_modified);
  }
  Incoming incoming;
  incoming.limit = options_.max_response_bytes;
  SetOptions(url, headers, &incoming);
  CURLcode code = curl_easy_perform(handle_);
  curl_slist_free_all(headers);
  if (incoming.too_large) {
    return TooLarge(request.url, options_.max_response_bytes);
  }
  if (code != CURLE_OK) return CurlError(request.url, code);
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  incoming.response.status = static_cast<int>(status);
  return std::move(incoming.response);
}

// An error for a status that the caller does not accept.
absl::Status StatusError(const HttpRequest& request,
                         const HttpResponse& response,
                         std::optional<absl::Duration> retry_after) {
  std::string what = absl::StrCat(request.url, ": HTTP ", response.status);
  std::string body = response.body.empty()
                         ? "with no text"
                         : absl::StrCat("saying ", Beginning(response.body));
  if (IsRetriedStatus(response.status)) {
    return TransientError(absl::StrCat(what, " ", body), retry_after);
  }
  switch (response.status) {
    case 401:
    case 403:
      return ConfigError(absl::StrCat(what, " ", body,
                                      "; the server wants a (valid) key, or "
                                      "does not let this client in"));
    case 404:
    case 410:
      return ConfigError(
          absl::StrCat(what, "; there is nothing there, check the address"));
  }
  if (response.status >= 300 && response.status < 400) {
    return ConfigError(absl::StrCat(
        what, ", a redirect to ", Beginning(response.Header("location")),
        ", is not followed; use the address it leads to if you trust it"));
  }
  return SystemError(absl::StrCat(what, " ", body));
}

bool IsAccepted(const HttpRequest& request, int status) {
  bool conditional = !request.etag.empty() || !request.last_modified.empty();
  return status == 200 || (status == 304 && conditional) ||
         std::count(request.accept_statuses.begin(),
                    request.accept_statuses.end(), status) > 0;
}

const char* ReplayDirectory() { return std::getenv("HEADWAY_HTTP_REPLAY"); }

std::unique_ptr<HttpTransport> TransportFromEnvironment(
    const HttpOptions& options) {
  if (const char* directory = ReplayDirectory()) {
    return MakeReplayingTransport(directory);
  }
  auto network = MakeNetworkTransport(options);
  if (const char* directory = std::getenv("HEADWAY_HTTP_RECORD")) {
    return MakeRecordingTransport(directory, std::move(network));
  }
  return network;
}

}  // namespace

absl::string_view HttpResponse::Header(absl::string_view name) const {
  auto it = headers.find(std::string(name));
  return it == headers.end() ? absl::string_view() : it->second;
}

HttpClient::HttpClient(const HttpOptions& options)
    : HttpClient(options, TransportFromEnvironment(options)) {
  // There is no publisher to be careful with.
  if (ReplayDirectory() != nullptr)
    options_.min_interval = absl::ZeroDuration();
}

HttpClient::HttpClient(HttpOptions options,
                       std::unique_ptr<HttpTransport> transport)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? options_.clock : &real_clock_),
      jitter_(options_.jitter_seed),
      transport_(std::move(transport)) {}

absl::StatusOr<HttpResponse> HttpClient::Get(const HttpRequest& request) {
  for (int attempt = 1;; ++attempt) {
    auto response = Attempt(request);
    if (response.ok() || !IsTransient(response.status())) return response;
    absl::Duration wait = BackoffAfter(attempt);
    if (auto asked = RetryAfter(response.status())) {
      if (*asked > options_.max_retry_after) return response;
      wait = *asked;
    }
    if (attempt >= options_.max_attempts) {
      const absl::Status& last = response.status();
      return TransientError(
          absl::StrCat(last.message(), " (", attempt, " attempts)"),
          RetryAfter(last));
    }
    WaitFor(wait);
  }
}

absl::StatusOr<HttpResponse> HttpClient::Attempt(const HttpRequest& request) {
  if (next_start_ > clock_->Now()) WaitFor(next_start_ - clock_->Now());
  next_start_ = clock_->Now() + options_.min_interval;
  ASSIGN_OR_RETURN(HttpResponse response, transport_->Send(request));
  if (IsAccepted(request, response.status)) return response;
  return StatusError(
      request, response,
      ParseRetryAfter(response.Header("retry-after"), clock_->Now()));
}

void HttpClient::WaitFor(absl::Duration duration) {
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  bool never = false;
  const absl::Duration end = clock_->Elapsed() + duration;
  for (absl::Duration left = duration; left > absl::ZeroDuration();
       left = end - clock_->Elapsed()) {
    clock_->AwaitUntil(mutex, absl::Condition(&never), clock_->Now() + left);
  }
}

absl::Duration HttpClient::BackoffAfter(int attempt) {
  absl::Duration backoff = options_.initial_backoff;
  for (int i = 1; i < attempt && backoff < options_.max_backoff; ++i) {
    backoff *= 2;
  }
  std::uniform_real_distribution<double> share(0.5, 1.0);
  return std::min(backoff, options_.max_backoff) * share(jitter_);
}

std::unique_ptr<HttpTransport> MakeNetworkTransport(
    const HttpOptions& options) {
  return std::make_unique<NetworkTransport>(options);
}

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  for (unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
        c == '~' || c == ',') {
      encoded.push_back(static_cast<char>(c));
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", c);
    }
  }
  return encoded;
}

std::string UrlWithQuery(absl::string_view base,
                         const HttpParameters& parameters) {
  std::string url(base);
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&url, absl::StrContains(url, '?') ? "&" : "?",
                    PercentEncode(name), "=", PercentEncode(value));
  }
  return url;
}

std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time now) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(value, &seconds) && seconds >= 0) {
    return absl::Seconds(seconds);
  }
  absl::Time time;
  if (!value.empty() && absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", value,
                                        absl::UTCTimeZone(), &time, nullptr)) {
    return std::max(time - now, absl::ZeroDuration());
  }
  return std::nullopt;
}

}  // namespace headway::sdk
