// What tests of the C++ SDK's client of HTTP share.
#ifndef HEADWAY_TESTS_PLUGINS_SDK_CPP_HTTP_FIXTURE_H_
#define HEADWAY_TESTS_PLUGINS_SDK_CPP_HTTP_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "plugins/sdk/cpp/http.h"
#include "tests/support/http_server.h"

namespace headway::sdk {

// Moves at once to the end of each wait, and remembers how long it was.
class ImpatientClock final : public Clock {
 public:
  absl::Time Now() override { return now_; }
  absl::Duration Elapsed() override { return now_ - absl::UnixEpoch(); }
  bool IsSynchronised() override { return true; }
  bool AwaitUntil(absl::Mutex&, const absl::Condition& condition,
                  absl::Time deadline) override {
    waits_.push_back(absl::ToDoubleSeconds(deadline - now_));
    now_ = deadline;
    return condition.Eval();
  }
  const std::vector<double>& waits() const { return waits_; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1700000000);
  std::vector<double> waits_;
};

class HttpClientTest : public testing::Test {
 protected:
  HttpOptions Options() {
    HttpOptions options;
    options.clock = &clock_;
    options.jitter_seed = 1;
    return options;
  }
  absl::StatusOr<HttpResponse> Get(const HttpServer& server,
                                   HttpRequest request = {}) {
    request.url = server.url() + "/x";
    return HttpClient(Options()).Get(request);
  }

  ImpatientClock clock_;
};

// Gives the answers in order, the last of them for ever.
inline HttpServer::Handler InTurn(const std::vector<ServedAnswer>& answers) {
  auto next = std::make_shared<size_t>(0);
  return [=](const ServedRequest&) {
    return answers[std::min((*next)++, answers.size() - 1)];
  };
}

}  // namespace headway::sdk

#endif  // HEADWAY_TESTS_PLUGINS_SDK_CPP_HTTP_FIXTURE_H_
