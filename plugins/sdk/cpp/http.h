// An HTTP client for sources: careful with the publisher, with secrets and with
// memory.
//
//   HttpClient http(HttpOptions{});
//   ASSIGN_OR_RETURN(HttpResponse response, http.Get({.url = url}));
//
// It retries what may pass (no connection, a timeout, a body cut short, 408,
// 425, 429 and 5xx) after a random part of a backoff that doubles, waits as
// long as Retry-After says, keeps a distance between requests and the limits of
// a host, and bounds the size of a response. Schemes: https, http (for tests;
// secrets go over it to the loopback only) and file.
//
// A redirect is followed, five at most, to the same host or one of those that
// it is given; another host is sent no secret and no header of the caller's but
// Accept, Accept-Language and what makes the request conditional.
//
// HEADWAY_HTTP_RECORD=DIR writes each response to DIR, HEADWAY_HTTP_REPLAY=DIR
// answers from there and never touches the network. The daemon sets the first
// to keep the documents of a pull, and the second to replay one; an author
// records the answers of a publisher for tests. Recordings hold no secrets.
#ifndef HEADWAY_PLUGINS_SDK_CPP_HTTP_H_
#define HEADWAY_PLUGINS_SDK_CPP_HTTP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "plugins/sdk/cpp/limits.h"
#include "plugins/sdk/cpp/url.h"

namespace headway::sdk {

// What is posted.
struct HttpBody {
  std::string content_type;
  // Without secrets.
  std::string text;
  // Added to a form or a JSON object when it is sent; they appear in no error,
  // log line or recording.
  HttpParameters secret_fields = {};
};

HttpBody FormBody(const HttpParameters& fields,
                  HttpParameters secret_fields = {});
HttpBody JsonBody(std::string json, HttpParameters secret_fields = {});
// As it is sent. A SystemError for secret fields that have no place in it.
absl::StatusOr<std::string> BodyWithSecrets(const HttpBody& body);

struct HttpRequest {
  std::string url;
  HttpParameters headers = {};
  // Added to the query when it is sent; they appear in no error, log line or
  // recording.
  HttpParameters secret_parameters = {};
  // From an earlier response, to be answered with 304 if nothing changed.
  std::string etag = {};
  std::string last_modified = {};
  // Statuses that Get returns, besides 200, and 304 to a conditional request.
  // Each other status is an error.
  std::vector<int> accept_statuses = {};
  // As secret_parameters.
  HttpParameters secret_headers = {};
  // Set by Post.
  std::optional<HttpBody> body = {};
};

// The text without the secrets of the request, percent-encoded ones, too.
std::string Scrubbed(const HttpRequest& request, std::string text);

// Says where an answer came from that was redirected, in its headers and so in
// its recording.
inline constexpr char kFinalUrlHeader[] = "headway-url";

struct HttpResponse {
  int status = 0;
  // By name in lower case.
  std::map<std::string, std::string> headers;
  std::string body;

  // "" if there is no such header.
  absl::string_view Header(absl::string_view name) const;
};

struct HttpOptions {
  // Empty: DefaultUserAgent.
  std::string user_agent = {};
  absl::Duration connect_timeout = absl::Seconds(20);
  // Of one attempt, from connecting to the last byte.
  absl::Duration timeout = absl::Seconds(90);
  int max_attempts = 4;
  absl::Duration initial_backoff = absl::Seconds(1);
  absl::Duration max_backoff = absl::Seconds(30);
  // A longer Retry-After is not waited for: it is passed on to the daemon in
  // the error.
  absl::Duration max_retry_after = absl::Seconds(60);
  // Between the starts of two requests.
  absl::Duration min_interval = absl::ZeroDuration();
  int64_t max_response_bytes = int64_t{64} << 20;
  // For waiting and jitter; null means the machine's clock. Must outlive the
  // client.
  Clock* clock = nullptr;
  uint64_t jitter_seed = std::random_device{}();
  // Where redirects may lead besides the same host, and how often hosts may be
  // asked: those of Request.
  std::vector<std::string> hosts = {};
  std::vector<HostLimit> limits = {};
};

// "headway/0.1", with the operator's contact where HEADWAY_CONTACT has one. A
// ConfigError if that cannot stand in a header.
absl::StatusOr<std::string> DefaultUserAgent();

// Sends one request once. A TransientError may pass; any other is final.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

// Not thread-safe.
class HttpClient {
 public:
  // Uses the network; records or replays where the environment says so.
  explicit HttpClient(const HttpOptions& options = HttpOptions());
  HttpClient(HttpOptions options, std::unique_ptr<HttpTransport> transport);

  // Errors name the address without its secrets: a ConfigError for what an
  // operator must mend (a wrong address, 401, 403, 404, a refused redirect), a
  // TransientError when the attempts are used up, a SystemError otherwise.
  absl::StatusOr<HttpResponse> Get(HttpRequest request);
  // Asks with a body. It is for asking: as with Get, it may be sent again.
  absl::StatusOr<HttpResponse> Post(HttpRequest request, HttpBody body);

 private:
  absl::StatusOr<HttpResponse> Fetch(HttpRequest request);
  absl::StatusOr<HttpResponse> Attempt(const HttpRequest& request);
  absl::Duration BackoffAfter(int attempt);

  HttpOptions options_;
  RealClock real_clock_;
  Clock* clock_;
  std::mt19937_64 jitter_;
  std::unique_ptr<HttpTransport> transport_;
  absl::Time next_start_ = absl::InfinitePast();
};

// libcurl; reads file:// itself, follows redirects and keeps limits.
std::unique_ptr<HttpTransport> MakeNetworkTransport(const HttpOptions& options);

// Writes what `inner` answers to `directory`, a file for each address and body.
std::unique_ptr<HttpTransport> MakeRecordingTransport(
    std::string directory, std::unique_ptr<HttpTransport> inner);
// Answers from the recordings in `directory`; a SystemError for an address
// without one.
std::unique_ptr<HttpTransport> MakeReplayingTransport(std::string directory);

// Seconds, or the time until an HTTP date; absent if it is neither.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view value,
                                              absl::Time now);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_HTTP_H_
