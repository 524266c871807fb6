// The network by libcurl: one exchange, and on top of it redirects and limits.
#include <curl/curl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/http.h"
#include "plugins/sdk/cpp/json.h"
#include "plugins/sdk/cpp/url.h"

namespace headway::sdk {
namespace {

constexpr absl::string_view kFileScheme = "file://";
constexpr int kMaxRedirects = 5;

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

bool IsLoopback(const Authority& authority) {
  return authority.host == "localhost" || authority.host == "127.0.0.1" ||
         authority.host == "::1";
}

bool HasSecrets(const HttpRequest& request) {
  return !request.secret_parameters.empty() ||
         !request.secret_headers.empty() ||
         (request.body.has_value() && !request.body->secret_fields.empty());
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
  // A status line starts the headers of a further response, after the proxy's
  // or "100 Continue".
  if (absl::StartsWith(line, "HTTP/")) incoming->response.headers.clear();
  size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    std::string& value =
        incoming->response
            .headers[absl::AsciiStrToLower(line.substr(0, colon))];
    // A header may come in several lines, such as Link.
    absl::StrAppend(&value, value.empty() ? "" : ", ",
                    absl::StripAsciiWhitespace(line.substr(colon + 1)));
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
    default:
      return TransientError(absl::StrCat(url, ": ", problem));
  }
}

// One exchange with a server, or a file that is read.
class Exchange {
 public:
  explicit Exchange(const HttpOptions& options) : options_(options) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised == CURLE_OK) handle_ = curl_easy_init();
  }
  ~Exchange() {
    if (handle_ != nullptr) curl_easy_cleanup(handle_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

 private:
  absl::StatusOr<HttpResponse> Perform(const HttpRequest& request,
                                       const std::string& user_agent,
                                       const std::string& body);
  void SetOptions(const std::string& url, const std::string& user_agent,
                  curl_slist* headers, Incoming* incoming);

  const HttpOptions options_;
  CURL* handle_ = nullptr;
};

void Exchange::SetOptions(const std::string& url, const std::string& user_agent,
                          curl_slist* headers, Incoming* incoming) {
  curl_easy_reset(handle_);
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  // Every encoding that libcurl knows; the limit counts decoded bytes.
  curl_easy_setopt(handle_, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle_, CURLOPT_USERAGENT, user_agent.c_str());
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

absl::StatusOr<HttpResponse> Exchange::Send(const HttpRequest& request) {
  if (absl::StartsWith(request.url, kFileScheme) && !request.body) {
    return ReadFileUrl(request.url, options_.max_response_bytes);
  }
  ASSIGN_OR_RETURN(const Authority authority, AuthorityOf(request.url));
  if (HasSecrets(request) && authority.scheme == "http" &&
      !IsLoopback(authority)) {
    return ConfigError(absl::StrCat(
        request.url, ": a secret is not sent over http; write https://"));
  }
  if (handle_ == nullptr) return SystemError("libcurl cannot be initialised");
  std::string user_agent = options_.user_agent;
  if (user_agent.empty()) {
    ASSIGN_OR_RETURN(user_agent, DefaultUserAgent());
  }
  std::string body;
  if (request.body.has_value()) {
    ASSIGN_OR_RETURN(body, BodyWithSecrets(*request.body));
  }
  return Perform(request, user_agent, body);
}

absl::StatusOr<HttpResponse> Exchange::Perform(const HttpRequest& request,
                                               const std::string& user_agent,
                                               const std::string& body) {
  const std::string url = UrlWithQuery(request.url, request.secret_parameters);
  curl_slist* headers = nullptr;
  const auto add_header = [&](absl::string_view name, absl::string_view value) {
    headers =
        curl_slist_append(headers, absl::StrCat(name, ": ", value).c_str());
  };
  for (const auto& [name, value] : request.headers) add_header(name, value);
  for (const auto& [name, value] : request.secret_headers) {
    add_header(name, value);
  }
  if (!request.etag.empty()) add_header("If-None-Match", request.etag);
  if (!request.last_modified.empty()) {
    add_header("If-Modified-Since", request.last_modified);
  }
  if (request.body.has_value()) {
    add_header("Content-Type", request.body->content_type);
    // No server need be asked first whether it wants the body.
    headers = curl_slist_append(headers, "Expect:");
  }
  Incoming incoming;
  incoming.limit = options_.max_response_bytes;
  SetOptions(url, user_agent, headers, &incoming);
  if (request.body.has_value()) {
    curl_easy_setopt(handle_, CURLOPT_POST, 1L);
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body.data());
  }
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

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

// What may go along to another host: it says how to answer, not who asks.
bool IsHarmless(absl::string_view header) {
  return absl::EqualsIgnoreCase(header, "accept") ||
         absl::EqualsIgnoreCase(header, "accept-language");
}

// The same request without what another host must not see.
HttpRequest WithoutSecrets(HttpRequest request) {
  HttpParameters kept;
  for (auto& header : request.headers) {
    if (IsHarmless(header.first)) kept.push_back(std::move(header));
  }
  request.headers = std::move(kept);
  request.secret_headers.clear();
  request.secret_parameters.clear();
  if (request.body.has_value()) request.body->secret_fields.clear();
  return request;
}

class NetworkTransport final : public HttpTransport {
 public:
  explicit NetworkTransport(const HttpOptions& options)
      : options_(options),
        exchange_(options),
        limiter_(options.limits, options.max_retry_after,
                 options.clock != nullptr ? options.clock : &real_clock_) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;

 private:
  absl::Status AwaitTurn(const HttpRequest& request);
  absl::StatusOr<absl::Duration> AskKeeper(const std::string& url,
                                           absl::string_view host);
  absl::StatusOr<HttpRequest> Redirected(const HttpRequest& hop,
                                         const HttpResponse& response);
  absl::Status CheckLeadsTo(const HttpRequest& hop, absl::string_view what,
                            const Authority& from, const Authority& to) const;

  const HttpOptions options_;
  RealClock real_clock_;
  Exchange exchange_;
  Limiter limiter_;
};

absl::StatusOr<HttpResponse> NetworkTransport::Send(
    const HttpRequest& request) {
  HttpRequest hop = request;
  for (int i = 0; i <= kMaxRedirects; ++i) {
    RETURN_IF_ERROR(AwaitTurn(hop));
    ASSIGN_OR_RETURN(HttpResponse response, exchange_.Send(hop));
    if (hop.url != request.url) response.headers[kFinalUrlHeader] = hop.url;
    const bool is_accepted =
        std::count(request.accept_statuses.begin(),
                   request.accept_statuses.end(), response.status) > 0;
    if (!IsRedirect(response.status) || is_accepted ||
        response.Header("location").empty()) {
      return response;
    }
    ASSIGN_OR_RETURN(hop, Redirected(hop, response));
  }
  return ConfigError(absl::StrCat(request.url, ": is redirected more than ",
                                  kMaxRedirects, " times, at last to ",
                                  Beginning(Scrubbed(request, hop.url)),
                                  "; check the address"));
}

absl::Status NetworkTransport::AwaitTurn(const HttpRequest& request) {
  if (options_.limits.empty() || absl::StartsWith(request.url, kFileScheme)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Authority authority, AuthorityOf(request.url));
  return limiter_.Await(authority.host,
                        [this](const std::string& url, absl::string_view host) {
                          return AskKeeper(url, host);
                        });
}

absl::StatusOr<absl::Duration> NetworkTransport::AskKeeper(
    const std::string& url, absl::string_view host) {
  ASSIGN_OR_RETURN(const HttpResponse answer, exchange_.Send({.url = url}));
  double seconds = 0;
  if (answer.status == 200 && absl::SimpleAtod(answer.body, &seconds)) {
    return absl::Seconds(seconds);
  }
  const absl::string_view said = absl::StripAsciiWhitespace(answer.body);
  if (answer.status == 429) {
    return TransientError(
        said, ParseRetryAfter(answer.Header("retry-after"), absl::Now()));
  }
  return SystemError(absl::StrCat(host, ": ", said));
}

absl::StatusOr<HttpRequest> NetworkTransport::Redirected(
    const HttpRequest& hop, const HttpResponse& response) {
  const std::string location(response.Header("location"));
  // What it is asked with does not stand in errors.
  const std::string what = absl::StrCat(
      "HTTP ", response.status, ", a redirect to ",
      Beginning(Scrubbed(hop, UrlWithout(location, hop.secret_parameters))));
  ASSIGN_OR_RETURN(const std::string there, ResolveUrl(hop.url, location));
  ASSIGN_OR_RETURN(const Authority from, AuthorityOf(hop.url));
  const absl::StatusOr<Authority> to = AuthorityOf(there);
  if (!to.ok() || (from.scheme == "https" && to->scheme != "https")) {
    return ConfigError(absl::StrCat(hop.url, ": ", what,
                                    ", is not followed, as it leads away from ",
                                    from.scheme));
  }
  HttpRequest next = hop;
  next.url = UrlWithout(there, hop.secret_parameters);
  if (!IsSameHost(from, *to)) {
    RETURN_IF_ERROR(CheckLeadsTo(hop, what, from, *to));
    next = WithoutSecrets(std::move(next));
  }
  // As browsers do: the answer to what was posted is there to be got.
  if (response.status != 307 && response.status != 308) next.body.reset();
  return next;
}

absl::Status NetworkTransport::CheckLeadsTo(const HttpRequest& hop,
                                            absl::string_view what,
                                            const Authority& from,
                                            const Authority& to) const {
  for (const std::string& rule : options_.hosts) {
    if (HostFits(rule, to)) return absl::OkStatus();
  }
  return ConfigError(absl::StrCat(
      hop.url, ": ", what, ", is not followed, for ", to.host, ":", to.port,
      " is neither ", from.host, ":", from.port,
      " nor one of the hosts that the plugin declares; if it is trusted, add "
      "it to the plugin's hosts or the source's allow_host"));
}

}  // namespace

std::unique_ptr<HttpTransport> MakeNetworkTransport(
    const HttpOptions& options) {
  return std::make_unique<NetworkTransport>(options);
}

}  // namespace headway::sdk
