#include "daemon/web/web_server.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/web/dashboard.h"
#include "daemon/web/http/server.h"
#include "daemon/web/http/target.h"
#include "daemon/web/json_api.h"
#include "daemon/web/routes.h"
#include "daemon/web/visit.h"
#include "re2/re2.h"

namespace headway::web {
namespace {

std::vector<HttpField> SecurityFields() {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; img-src 'self'; "
       "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"},
  };
}

// A route whose pattern is ready for use.
struct ReadyRoute {
  Route route;
  std::unique_ptr<RE2> pattern;

  // Whether the path is the route's, and the name in it if it has one.
  bool Matches(const std::string& path, std::string* name) const {
    if (pattern->NumberOfCapturingGroups() == 0) {
      return RE2::FullMatch(path, *pattern);
    }
    return RE2::FullMatch(path, *pattern, name);
  }
};

std::vector<ReadyRoute> ReadyRoutes() {
  std::vector<ReadyRoute> ready;
  for (Route& route : AllRoutes()) {
    auto pattern = std::make_unique<RE2>(route.path);
    ready.push_back({std::move(route), std::move(pattern)});
  }
  return ready;
}

// In the form that those who ask for such a path read.
Reply BadTarget(const HttpRequest& request, const absl::Status& status) {
  if (absl::StartsWith(request.path, "/v1/")) return JsonError(status);
  return HtmlError(400, status.message());
}

}  // namespace

class WebServer::Impl {
 public:
  Impl(service::ListenAddress listen, service::Server* server)
      : listen_(std::move(listen)),
        site_{.server = server,
              .http = &http_,
              .stubs = ApiStubs(server->InProcessChannel())},
        http_({.host = listen_.host,
               .port = listen_.port,
               .fields = SecurityFields()},
              [this](const HttpRequest& request) { return Plan(request); }) {}

  absl::Status Listen() {
    if (listen_.is_unix()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--http ", listen_.ToString(),
                       " is a Unix socket; browsers need an address such as "
                       "127.0.0.1:7312"));
    }
    RETURN_IF_ERROR(service::CheckFree(listen_));
    const absl::Status status = http_.Listen();
    if (!status.ok()) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", listen_.ToString(), ": ",
                       status.message(), "; choose another address"));
    }
    listen_.port = http_.port();
    address_ = listen_.ToString();
    return absl::OkStatus();
  }

  void Stop() {
    // First, so that what is being answered does not hold up the rest.
    site_.calls.EndAll();
    http_.Stop();
  }

  const std::string& address() const { return address_; }

 private:
  HttpAnswer Plan(const HttpRequest& request) {
    auto path = DecodePath(request.path);
    auto parameters = DecodeQuery(request.query);
    for (const absl::Status& status : {path.status(), parameters.status()}) {
      if (!status.ok()) return Counted("", BadTarget(request, status));
    }
    std::string name;
    for (const ReadyRoute& ready : routes_) {
      if (!ready.Matches(*path, &name)) continue;
      return {ready.route.quick,
              [this, &route = ready.route, path = *std::move(path), name,
               parameters = *std::move(parameters),
               from_outside = request.from_outside] {
                Visit visit = {
                    site_, ApiClient(&site_.stubs, &site_.calls, from_outside),
                    path, name, parameters};
                Reply reply = route.answer(visit);
                site_.requests.Add(route.path, reply.status);
                return reply;
              }};
    }
    return Counted("", HtmlError(404, "There is no such page."));
  }

  // An answer that is there already.
  HttpAnswer Counted(const std::string& route, Reply reply) {
    site_.requests.Add(route, reply.status);
    return {.quick = true,
            .make = [reply = std::move(reply)] { return reply; }};
  }

  service::ListenAddress listen_;
  std::string address_;
  const std::vector<ReadyRoute> routes_ = ReadyRoutes();
  Site site_;
  // Last, since its threads use what stands above.
  HttpServer http_;
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() { Stop(); }

absl::StatusOr<std::unique_ptr<WebServer>> WebServer::Start(
    const service::ListenAddress& listen, service::Server* server) {
  auto impl = std::make_unique<Impl>(listen, server);
  RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

const std::string& WebServer::address() const { return impl_->address(); }

void WebServer::Stop() { impl_->Stop(); }

}  // namespace headway::web
