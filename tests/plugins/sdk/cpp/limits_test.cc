// How often the client asks a host that has a limit: by itself, and where a
// daemon counts for all its plugins.
#include "plugins/sdk/cpp/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "plugins/sdk/cpp/errors.h"
#include "tests/plugins/sdk/cpp/http_fixture.h"
#include "tests/support/status_matchers.h"

namespace headway::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LimitsOfHostsTest : public HttpClientTest {
 protected:
  LimitsOfHostsTest() { ::unsetenv("HEADWAY_QUOTA"); }
  ~LimitsOfHostsTest() override { ::unsetenv("HEADWAY_QUOTA"); }

  // The error of the last request.
  absl::Status Ask(const HostLimit& limit, int times) {
    HttpOptions options = Options();
    options.limits = {limit};
    HttpClient client(options);
    absl::Status status;
    for (int i = 0; i < times; ++i) {
      status = client.Get({.url = server_.url()}).status();
    }
    return status;
  }

  HttpServer server_{InTurn({{.body = "ok"}})};
};

TEST_F(LimitsOfHostsTest, WaitsForTheNextSecond) {
  EXPECT_THAT(Ask({.host = "127.0.0.1", .per_second = 2}, 5), IsOk());
  EXPECT_THAT(clock_.waits(), ElementsAre(1, 1));
}

TEST_F(LimitsOfHostsTest, KeepsTheLimitsOfAllSpans) {
  EXPECT_THAT(Ask({.host = "127.0.0.1", .per_second = 1, .per_minute = 3}, 5),
              IsOk());
  EXPECT_THAT(clock_.waits(), ElementsAre(1, 1, 58, 1));
}

TEST_F(LimitsOfHostsTest, SaysWhenTheDayIsUsedUp) {
  const absl::Status status = Ask({.host = "127.0.0.1", .per_day = 1}, 2);
  EXPECT_EQ(RetryAfter(status), absl::Hours(24));
  EXPECT_THAT(clock_.waits(), IsEmpty());
}

TEST_F(LimitsOfHostsTest, AreOfTheirHostAlone) {
  EXPECT_THAT(Ask({.host = "other.test", .per_second = 1}, 3), IsOk());
  EXPECT_THAT(clock_.waits(), IsEmpty());
}

TEST_F(LimitsOfHostsTest, WaitsAsLongAsTheDaemonSays) {
  HttpServer keeper(InTurn({{.body = "2.500"}}));
  ::setenv("HEADWAY_QUOTA", keeper.url().c_str(), 1);
  EXPECT_THAT(Ask({.host = "127.0.0.1", .per_second = 1}, 1), IsOk());
  EXPECT_THAT(clock_.waits(), ElementsAre(2.5));
  EXPECT_EQ(keeper.requests()[0].path, "/take");
  EXPECT_EQ(keeper.requests()[0].parameter("host"), "127.0.0.1");
  EXPECT_EQ(keeper.requests()[0].parameter("longest_wait"), "60");
}

TEST_F(LimitsOfHostsTest, PassesTheDaemonsRefusalOn) {
  HttpServer keeper(InTurn({{.status = 429,
                             .body = "used up",
                             .headers = {{"Retry-After", "5000"}}}}));
  ::setenv("HEADWAY_QUOTA", keeper.url().c_str(), 1);
  const absl::Status status = Ask({.host = "127.0.0.1", .per_second = 1}, 1);
  EXPECT_EQ(status.message(), "used up");
  EXPECT_EQ(RetryAfter(status), absl::Seconds(5000));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(LimitsOfHostsTest, SaysWhatTheDaemonDoesNotAllow) {
  HttpServer keeper(InTurn({{.status = 403, .body = "no such limit"}}));
  ::setenv("HEADWAY_QUOTA", keeper.url().c_str(), 1);
  EXPECT_THAT(Ask({.host = "127.0.0.1", .per_second = 1}, 1),
              StatusIs(absl::StatusCode::kInternal,
                       HasSubstr("127.0.0.1: no such limit")));
}

}  // namespace
}  // namespace headway::sdk
