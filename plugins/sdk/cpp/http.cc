#include "plugins/sdk/cpp/http.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/json.h"

namespace headway::sdk {
namespace {

bool IsRetriedStatus(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
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
        what, ", a redirect that leads nowhere; check the address"));
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

absl::StatusOr<HttpResponse> HttpClient::Get(HttpRequest request) {
  request.body.reset();
  return Fetch(std::move(request));
}

absl::StatusOr<HttpResponse> HttpClient::Post(HttpRequest request,
                                              HttpBody body) {
  request.body = std::move(body);
  return Fetch(std::move(request));
}

absl::StatusOr<HttpResponse> HttpClient::Fetch(HttpRequest request) {
  // A publisher's next address may name what it was asked with.
  request.url = UrlWithout(request.url, request.secret_parameters);
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
    WaitFor(*clock_, wait);
  }
}

absl::StatusOr<HttpResponse> HttpClient::Attempt(const HttpRequest& request) {
  if (next_start_ > clock_->Now()) {
    WaitFor(*clock_, next_start_ - clock_->Now());
  }
  next_start_ = clock_->Now() + options_.min_interval;
  ASSIGN_OR_RETURN(HttpResponse response, transport_->Send(request));
  if (IsAccepted(request, response.status)) return response;
  return StatusError(
      request, response,
      ParseRetryAfter(response.Header("retry-after"), clock_->Now()));
}

absl::Duration HttpClient::BackoffAfter(int attempt) {
  absl::Duration backoff = options_.initial_backoff;
  for (int i = 1; i < attempt && backoff < options_.max_backoff; ++i) {
    backoff *= 2;
  }
  // Full jitter: clients that failed together come back apart.
  std::uniform_real_distribution<double> share(0.0, 1.0);
  return std::min(backoff, options_.max_backoff) * share(jitter_);
}

absl::StatusOr<std::string> DefaultUserAgent() {
  const char* contact = std::getenv("HEADWAY_CONTACT");
  if (contact == nullptr || *contact == '\0') return std::string("headway/0.1");
  const absl::string_view text(contact);
  if (!std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return absl::ascii_isprint(c) && c != '(' && c != ')';
      })) {
    return ConfigError(absl::StrCat(
        "HEADWAY_CONTACT is ", Beginning(text),
        "; write an address of mail or of a page in ASCII, without "
        "parentheses"));
  }
  return absl::StrCat("headway/0.1 (+", text, ")");
}

std::string Scrubbed(const HttpRequest& request, std::string text) {
  // Anything shorter is in any text.
  constexpr size_t kShortestSecret = 4;
  const auto strike = [&](const HttpParameters& secrets) {
    for (const auto& [name, value] : secrets) {
      if (value.size() < kShortestSecret) continue;
      text = absl::StrReplaceAll(
          text, {{value, "***"}, {PercentEncode(value), "***"}});
    }
  };
  strike(request.secret_parameters);
  strike(request.secret_headers);
  if (request.body.has_value()) strike(request.body->secret_fields);
  return text;
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
