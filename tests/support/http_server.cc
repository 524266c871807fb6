#include "tests/support/http_server.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace headway {

struct HttpServer::Impl {
  httplib::Server server;
  std::thread thread;
  int port = 0;
  Handler handler;
  mutable absl::Mutex mutex;
  std::vector<ServedRequest> requests;
};

HttpServer::HttpServer(Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->server.Get(
      ".*", [this](const httplib::Request& in, httplib::Response& out) {
        ServedRequest request{.path = in.path};
        request.parameters.insert(in.params.begin(), in.params.end());
        for (const auto& [name, value] : in.headers) {
          request.headers[absl::AsciiStrToLower(name)] = value;
        }
        absl::MutexLock lock(&impl_->mutex);
        impl_->requests.push_back(request);
        ServedAnswer answer = impl_->handler(request);
        out.status = answer.status;
        for (const auto& [name, value] : answer.headers) {
          out.set_header(name.c_str(), value);
        }
        if (answer.cut_short) {
          out.set_content_provider(
              answer.body.size(), answer.content_type.c_str(),
              [body = answer.body](size_t, size_t, httplib::DataSink& sink) {
                sink.write(body.data(), body.size() / 2);
                return false;
              });
        } else if (answer.status != 204 && answer.status != 304) {
          out.set_content(answer.body, answer.content_type.c_str());
        }
      });
  impl_->server.set_keep_alive_max_count(1);
  impl_->port = impl_->server.bind_to_any_port("127.0.0.1");
  impl_->thread = std::thread([this] { impl_->server.listen_after_bind(); });
  // Stopping a server that does not listen yet would be lost on it.
  while (!impl_->server.is_running()) std::this_thread::yield();
}

HttpServer::~HttpServer() {
  impl_->server.stop();
  impl_->thread.join();
}

void HttpServer::Between(const std::function<void()>& change) {
  absl::MutexLock lock(&impl_->mutex);
  change();
}

std::string HttpServer::url() const {
  return absl::StrCat("http://127.0.0.1:", impl_->port);
}

std::vector<ServedRequest> HttpServer::requests() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->requests;
}

}  // namespace headway
