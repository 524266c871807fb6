#include "tools/bench/soak/trouble.h"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grpcpp/client_context.h"
#include "tools/bench/rpc/caller.h"
#include "tools/bench/rpc/http_get.h"
#include "tools/bench/soak/scene.h"

namespace headway::bench {
namespace {

constexpr int kAtOnce = 4;
constexpr std::chrono::seconds kCheckDeadline(5);
constexpr std::chrono::milliseconds kForecastDeadline(100);
constexpr int kSlowClients = 40;
constexpr absl::Duration kCheckInterval = absl::Seconds(5);
constexpr absl::Duration kByteInterval = absl::Seconds(1);
constexpr absl::string_view kBeginning =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";

// Whether the server still takes bytes of this request.
bool SendSome(int fd, absl::string_view bytes) {
  char answer[256];
  // An answer or an end means that the server has had enough.
  if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) >= 0) return false;
  return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace

Trouble::Trouble(const Daemon& daemon)
    : http_address_(daemon.http_address()),
      plugins_(v1::PluginService::NewStub(Connect(daemon.address(), 1)[0])),
      forecasts_(
          v1::ForecastService::NewStub(Connect(daemon.address(), 1)[0])) {
  for (int i = 0; i < kAtOnce; ++i) {
    threads_.emplace_back([this] { HangChecks(); });
    threads_.emplace_back([this] { AbandonForecasts(); });
  }
  threads_.emplace_back([this] { DripRequests(); });
}

Trouble::~Trouble() {
  stop_.Raise();
  for (std::thread& thread : threads_) thread.join();
}

std::string Trouble::Describe() const {
  return absl::StrCat(checks_.load(), " hung checks, ", computed_.load(),
                      " forecasts of which ", finished_.load(),
                      " were done in time, ", connections_.load(),
                      " slow connections");
}

void Trouble::HangChecks() {
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCheckDeadline);
    v1::CheckSourceRequest request;
    request.set_source(kHungSource);
    v1::Operation operation;
    // Refused when too many wait already.
    if (plugins_->CheckSource(&context, request, &operation).ok()) ++checks_;
  } while (!stop_.WaitFor(kCheckInterval));
}

void Trouble::AbandonForecasts() {
  while (!stop_.WaitFor(absl::Milliseconds(10))) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kForecastDeadline);
    v1::ComputeForecastRequest request;
    request.set_indicator(absl::StrCat("indicators/", kDailyIndicator));
    // What takes longer than that on ten years of days.
    request.set_method("auto_best");
    v1::ComputeForecastResponse response;
    const grpc::Status status =
        forecasts_->ComputeForecast(&context, request, &response);
    ++computed_;
    if (status.ok()) ++finished_;
  }
}

void Trouble::DripRequests() {
  std::vector<int> sockets(kSlowClients, -1);
  do {
    for (int& fd : sockets) {
      if (fd >= 0 && SendSome(fd, "x")) continue;
      if (fd >= 0) close(fd);
      const absl::StatusOr<int> opened = ConnectTo(http_address_, 1);
      fd = opened.value_or(-1);
      if (fd < 0) continue;
      ++connections_;
      SendSome(fd, kBeginning);
    }
  } while (!stop_.WaitFor(kByteInterval));
  for (int fd : sockets) {
    if (fd >= 0) close(fd);
  }
}

}  // namespace headway::bench
