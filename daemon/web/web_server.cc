#include "daemon/web/web_server.h"

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/web/api_client.h"
#include "daemon/web/json_api.h"
#include "daemon/web/metrics.h"
#include "daemon/web/pages.h"
#include "daemon/web/style.h"
// The one place of this heavy header.
#include <httplib.h>

namespace headway::web {
namespace {

constexpr int kThreads = 16;
constexpr int kMostPages = 100;
constexpr size_t kMaxBodyBytes = 1024;
constexpr char kHtml[] = "text/html; charset=utf-8";

// A page of another site may have its own name resolve to 127.0.0.1, and then
// read what it likes as if it were ours; but it must name itself as the host.
bool IsLoopbackHost(const std::string& host) {
  const size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.back() != ']';
  const std::string name = has_port ? host.substr(0, colon) : host;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

void SetReply(const Reply& reply, httplib::Response& response) {
  response.status = reply.status;
  response.set_content(reply.body, reply.content_type);
}

std::string Heading(int status) {
  if (status == 404) return "Not found";
  if (status == 400) return "That cannot be answered";
  return "Something went wrong";
}

Reply ErrorReply(const grpc::Status& status) {
  const int http = HttpStatus(status.error_code());
  return {http, kHtml, ErrorPage(Heading(http), status.error_message())};
}

grpc::Status ListAllIndicators(ApiClient& api,
                               v1::ListIndicatorsRequest request,
                               std::vector<v1::Indicator>* indicators) {
  request.set_order_by("topic");
  request.set_page_size(1000);
  for (int page = 0; page < kMostPages; ++page) {
    v1::ListIndicatorsResponse response;
    const grpc::Status status =
        Call(api.indicators, &v1::IndicatorService::Stub::ListIndicators,
             request, &response);
    if (!status.ok()) return status;
    for (v1::Indicator& indicator : *response.mutable_indicators()) {
      indicators->push_back(std::move(indicator));
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
  }
  return grpc::Status::OK;
}

// What cannot be read of one indicator is shown beside it, not instead of all.
IndicatorView ReadView(ApiClient& api, const v1::Indicator& indicator,
                       const google::protobuf::Timestamp* as_of) {
  IndicatorView view;
  view.indicator = indicator;
  v1::ReadIndicatorRequest read;
  v1::GetForecastRequest get;
  read.set_name(indicator.name());
  get.set_name(indicator.name());
  if (as_of != nullptr) {
    *read.mutable_as_of() = *as_of;
    *get.mutable_as_of() = *as_of;
  }
  v1::ReadIndicatorResponse values;
  grpc::Status status =
      Call(api.indicators, &v1::IndicatorService::Stub::ReadIndicator, read,
           &values);
  if (!status.ok()) view.error = status.error_message();
  view.series.assign(values.series().begin(), values.series().end());
  v1::GetForecastResponse forecasts;
  status = Call(api.forecasts, &v1::ForecastService::Stub::GetForecast, get,
                &forecasts);
  if (!status.ok() && view.error.empty()) view.error = status.error_message();
  view.forecasts.assign(forecasts.forecasts().begin(),
                        forecasts.forecasts().end());
  return view;
}

Reply AnswerDashboard(ApiClient& api, const std::string& as_of_text,
                      const google::protobuf::Timestamp* as_of) {
  v1::ListIndicatorsRequest request;
  if (as_of != nullptr) *request.mutable_as_of() = *as_of;
  std::vector<v1::Indicator> indicators;
  grpc::Status status = ListAllIndicators(api, request, &indicators);
  if (!status.ok()) return ErrorReply(status);
  DashboardView view;
  view.as_of = as_of_text;
  for (const v1::Indicator& indicator : indicators) {
    view.indicators.push_back(ReadView(api, indicator, as_of));
  }
  v1::ListPipelinesResponse pipelines;
  status = Call(api.pipelines, &v1::PipelineService::Stub::ListPipelines,
                v1::ListPipelinesRequest(), &pipelines);
  if (!status.ok()) return ErrorReply(status);
  view.pipelines.assign(pipelines.pipelines().begin(),
                        pipelines.pipelines().end());
  return {200, kHtml, DashboardPage(view)};
}

Reply AnswerIndicatorPage(ApiClient& api, const std::string& name,
                          const std::string& as_of_text,
                          const google::protobuf::Timestamp* as_of) {
  v1::GetIndicatorRequest request;
  request.set_name(name);
  v1::Indicator indicator;
  const grpc::Status status =
      Call(api.indicators, &v1::IndicatorService::Stub::GetIndicator, request,
           &indicator);
  if (!status.ok()) return ErrorReply(status);
  return {200, kHtml,
          IndicatorPage(ReadView(api, indicator, as_of), as_of_text)};
}

// Reads as_of, then has `answer` make the page.
Reply WithAsOf(
    const httplib::Request& request,
    const std::function<Reply(const std::string& text,
                              const google::protobuf::Timestamp*)>& answer) {
  const std::string text = request.get_param_value("as_of");
  if (text.empty()) return answer("", nullptr);
  const auto as_of = ParseInstant(text);
  if (as_of.ok()) return answer(text, &*as_of);
  return {400, kHtml,
          ErrorPage(Heading(400),
                    absl::StrCat("as_of: ", as_of.status().message()))};
}

}  // namespace

class WebServer::Impl {
 public:
  explicit Impl(service::Server* server)
      : server_(*server), api_(server->InProcessChannel()) {
    SetLimits();
    SetChecks();
    SetRoutes();
  }

  ~Impl() { Stop(); }

  absl::Status Listen(service::ListenAddress listen) {
    if (listen.is_unix()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--http ", listen.ToString(),
                       " is a Unix socket; browsers need an address such as "
                       "127.0.0.1:7312"));
    }
    RETURN_IF_ERROR(service::CheckFree(listen));
    if (listen.port == 0) {
      listen.port = http_.bind_to_any_port(listen.host);
      if (listen.port < 0) return CannotListen(listen);
    } else if (!http_.bind_to_port(listen.host, listen.port)) {
      return CannotListen(listen);
    }
    address_ = listen.ToString();
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    // Before it runs it cannot be stopped.
    while (!http_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    http_.stop();
    thread_.join();
  }

  const std::string& address() const { return address_; }

 private:
  static absl::Status CannotListen(const service::ListenAddress& listen) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", listen.ToString(), "; choose another address"));
  }

  void SetLimits() {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_payload_max_length(kMaxBodyBytes);
    http_.set_read_timeout(std::chrono::seconds(5));
    http_.set_write_timeout(std::chrono::seconds(10));
    // An idle connection holds a thread.
    http_.set_keep_alive_timeout(2);
    // Its default is SO_REUSEPORT, with which two daemons share a port.
    http_.set_socket_options([](socket_t socket) {
      const int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    http_.set_default_headers({
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'self'; img-src 'self'; "
         "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cache-Control", "no-store"},
    });
  }

  void SetChecks() {
    http_.set_pre_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) {
          using Verdict = httplib::Server::HandlerResponse;
          if (request.method != "GET" && request.method != "HEAD") {
            response.set_header("Allow", "GET, HEAD");
            SetReply({405, "text/plain; charset=utf-8",
                      "only GET and HEAD are answered here; write over gRPC\n"},
                     response);
            return Verdict::Handled;
          }
          if (!IsLoopbackHost(request.get_header_value("Host"))) {
            SetReply({403, "text/plain; charset=utf-8",
                      "only requests to localhost, 127.0.0.1 or [::1] are "
                      "answered\n"},
                     response);
            return Verdict::Handled;
          }
          return Verdict::Unhandled;
        });
    http_.set_error_handler(
        [](const httplib::Request&, httplib::Response& response) {
          if (!response.body.empty()) return;
          SetReply({response.status, kHtml,
                    ErrorPage(Heading(response.status),
                              response.status == 404
                                  ? "There is no such page."
                                  : "The request cannot be answered.")},
                   response);
        });
  }

  void SetRoutes() {
    http_.Get("/healthz",
              [](const httplib::Request&, httplib::Response& response) {
                SetReply({200, "text/plain; charset=utf-8", "ok\n"}, response);
              });
    http_.Get("/metrics",
              [this](const httplib::Request&, httplib::Response& response) {
                SetReply(AnswerMetrics(), response);
              });
    http_.Get(
        "/style.css", [](const httplib::Request&, httplib::Response& response) {
          SetReply({200, "text/css; charset=utf-8", kStyleSheet}, response);
        });
    http_.Get("/icon.svg",
              [](const httplib::Request&, httplib::Response& response) {
                SetReply({200, "image/svg+xml", kIcon}, response);
              });
    http_.Get("/v1/.*", [this](const httplib::Request& request,
                               httplib::Response& response) {
      SetReply(AnswerJson(api_, request.path, request.params), response);
    });
    http_.Get("/", [this](const httplib::Request& request,
                          httplib::Response& response) {
      SetReply(WithAsOf(request,
                        [this](const std::string& text, const auto* as_of) {
                          return AnswerDashboard(api_, text, as_of);
                        }),
               response);
    });
    http_.Get("/indicators/[^/]+", [this](const httplib::Request& request,
                                          httplib::Response& response) {
      const std::string name = request.path.substr(1);
      SetReply(
          WithAsOf(request,
                   [this, &name](const std::string& text, const auto* as_of) {
                     return AnswerIndicatorPage(api_, name, text, as_of);
                   }),
          response);
    });
  }

  Reply AnswerMetrics() {
    v1::ListPipelinesResponse pipelines;
    MetricsInput input;
    grpc::Status status =
        Call(api_.pipelines, &v1::PipelineService::Stub::ListPipelines,
             v1::ListPipelinesRequest(), &pipelines);
    if (status.ok()) {
      status = Call(api_.admin, &v1::AdminService::Stub::GetStoreStats,
                    v1::GetStoreStatsRequest(), &input.store);
    }
    if (!status.ok()) {
      return {HttpStatus(status.error_code()), "text/plain; charset=utf-8",
              status.error_message() + "\n"};
    }
    input.calls = server_.metrics();
    input.pipelines.assign(pipelines.pipelines().begin(),
                           pipelines.pipelines().end());
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            FormatMetrics(input)};
  }

  service::Server& server_;
  ApiClient api_;
  httplib::Server http_;
  std::string address_;
  std::thread thread_;
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() = default;

absl::StatusOr<std::unique_ptr<WebServer>> WebServer::Start(
    const service::ListenAddress& listen, service::Server* server) {
  auto impl = std::make_unique<Impl>(server);
  RETURN_IF_ERROR(impl->Listen(listen));
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

const std::string& WebServer::address() const { return impl_->address(); }

void WebServer::Stop() { impl_->Stop(); }

}  // namespace headway::web
