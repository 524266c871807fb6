#include "daemon/web/web_server.h"

#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/web/dashboard.h"
#include "daemon/web/http.h"
#include "daemon/web/routes.h"
// The one place of this heavy header.
#include <httplib.h>

namespace headway::web {
namespace {

constexpr int kThreads = 16;
constexpr size_t kMaxBodyBytes = 1024;

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

}  // namespace

class WebServer::Impl {
 public:
  explicit Impl(service::Server* server)
      : site_{.api = ApiClient(server->InProcessChannel()), .server = server} {
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
            SetReply({405, kPlainText,
                      "only GET and HEAD are answered here; write over gRPC\n"},
                     response);
            return Verdict::Handled;
          }
          if (!IsLoopbackHost(request.get_header_value("Host"))) {
            SetReply({403, kPlainText,
                      "only requests to localhost, 127.0.0.1 or [::1] are "
                      "answered\n"},
                     response);
            return Verdict::Handled;
          }
          return Verdict::Unhandled;
        });
    http_.set_error_handler([](const httplib::Request&,
                               httplib::Response& response) {
      if (!response.body.empty()) return;
      SetReply(
          HtmlError(response.status, response.status == 404
                                         ? "There is no such page."
                                         : "The request cannot be answered."),
          response);
    });
  }

  void SetRoutes() {
    // They are tried in this order.
    for (const Route& route : AllRoutes()) {
      http_.Get(route.path, [this, answer = route.answer](
                                const httplib::Request& request,
                                httplib::Response& response) {
        const std::string name =
            request.matches.size() > 1 ? request.matches[1].str() : "";
        SetReply(answer(site_, {request.path, name, request.params}), response);
      });
    }
  }

  Site site_;
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
