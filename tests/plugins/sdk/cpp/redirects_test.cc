// Which redirects the client follows, and what goes along.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugins/sdk/cpp/errors.h"
#include "tests/plugins/sdk/cpp/http_fixture.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway::sdk {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ServedAnswer To(const std::string& url, int status = 302) {
  return {.status = status, .headers = {{"Location", url}}};
}

class RedirectsTest : public HttpClientTest {
 protected:
  // Of a client that may go to `other`.
  HttpOptions Allowing(const HttpServer& other) {
    HttpOptions options = Options();
    options.hosts = {other.url().substr(7)};
    return options;
  }
  static HttpRequest Secret(const HttpServer& server) {
    return {.url = server.url() + "/x",
            .headers = {{"Authorization", "Bearer b"}, {"Accept", "text/csv"}},
            .secret_parameters = {{"key", "s3cret"}},
            .secret_headers = {{"X-Key", "t0ken"}}};
  }
};

TEST_F(RedirectsTest, FollowsOneOnTheSameHostWithItsSecrets) {
  HttpServer server(InTurn({To("/there?key=s3cret"), {.body = "ok"}}));
  const auto response = HttpClient(Options()).Get(Secret(server));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(response->Header(kFinalUrlHeader), server.url() + "/there");
  const ServedRequest asked = server.requests()[1];
  EXPECT_EQ(asked.path, "/there");
  EXPECT_EQ(asked.parameters.count("key"), 1);
  EXPECT_EQ(asked.headers.at("x-key"), "t0ken");
}

TEST_F(RedirectsTest, DropsSecretsAndHeadersAtAChangeOfHost) {
  HttpServer other(InTurn({{.body = "ok"}}));
  HttpServer server(InTurn({To(other.url() + "/y?a=1&key=s3cret")}));
  ASSERT_THAT(HttpClient(Allowing(other)).Get(Secret(server)), IsOk());
  const ServedRequest asked = other.requests()[0];
  EXPECT_EQ(asked.parameter("a"), "1");
  EXPECT_EQ(asked.parameters.count("key"), 0);
  EXPECT_EQ(asked.headers.count("x-key"), 0);
  EXPECT_EQ(asked.headers.count("authorization"), 0);
  EXPECT_EQ(asked.headers.at("accept"), "text/csv");
}

TEST_F(RedirectsTest, RefusesOneToAHostThatIsNotDeclared) {
  HttpServer server(InTurn({To("http://elsewhere/?key=s3cret&token=t0ken")}));
  const absl::Status status =
      HttpClient(Options()).Get(Secret(server)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("a redirect to \"http://elsewhere/?token=***\", "
                              "is not followed, for elsewhere:80"),
                    Not(HasSubstr("s3cret")), Not(HasSubstr("t0ken"))));
}

TEST_F(RedirectsTest, RefusesOneToAnotherPortOfTheHost) {
  HttpServer other(InTurn({{}}));
  HttpServer server(InTurn({To(other.url())}));
  EXPECT_THAT(Get(server), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("is not followed")));
  EXPECT_THAT(other.requests(), IsEmpty());
}

TEST_F(RedirectsTest, RefusesOneToAFile) {
  HttpServer server(InTurn({To("file:///etc/passwd")}));
  EXPECT_THAT(Get(server), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("leads away from http")));
}

TEST_F(RedirectsTest, GivesUpAfterFive) {
  HttpServer server(InTurn({To("/x")}));
  EXPECT_THAT(Get(server), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("more than 5 times")));
  EXPECT_EQ(server.requests().size(), 6);
}

TEST_F(RedirectsTest, SaysThatOneLeadsNowhere) {
  HttpServer server(InTurn({{.status = 302}}));
  EXPECT_THAT(Get(server), StatusIs(absl::StatusCode::kFailedPrecondition,
                                    HasSubstr("leads nowhere")));
}

TEST_F(RedirectsTest, GetsWhatAPostIsRedirectedTo) {
  HttpServer server(InTurn({To("/there", 303), {.body = "ok"}}));
  ASSERT_THAT(HttpClient(Options()).Post({.url = server.url()}, JsonBody("{}")),
              IsOk());
  EXPECT_EQ(server.requests()[0].method, "POST");
  EXPECT_EQ(server.requests()[1].method, "GET");
}

TEST_F(RedirectsTest, PostsNoSecretToAnotherHost) {
  HttpServer other(InTurn({{.body = "ok"}}));
  HttpServer server(InTurn({To(other.url() + "/y", 308)}));
  ASSERT_THAT(HttpClient(Allowing(other))
                  .Post({.url = server.url()},
                        JsonBody(R"({"a":1})", {{"key", "s3cret"}})),
              IsOk());
  EXPECT_EQ(server.requests()[0].body, R"({"a":1,"key":"s3cret"})");
  EXPECT_EQ(other.requests()[0].body, R"({"a":1})");
}

TEST(HostFitsTest, MeansWhatItMeansToTheDaemon) {
  const auto fits = [](const char* rule, const char* host, int port) {
    return HostFits(rule, {"https", host, port});
  };
  EXPECT_TRUE(fits("API.example.org", "api.example.org", 443));
  EXPECT_TRUE(fits("api.example.org", "api.example.org", 80));
  EXPECT_FALSE(fits("api.example.org", "api.example.org", 8443));
  EXPECT_TRUE(fits("*.example.org", "a.b.example.org", 443));
  EXPECT_FALSE(fits("*.example.org", "example.org", 443));
  EXPECT_FALSE(fits("*.example.org", "badexample.org", 443));
  EXPECT_TRUE(fits("[::1]:8080", "::1", 8080));
  EXPECT_FALSE(fits("[::1]:8080", "::1", 443));
}

TEST(UrlWithoutTest, KeepsWhatStaysAsItWasWritten) {
  const HttpParameters key = {{"key", ""}};
  EXPECT_EQ(UrlWithout("https://h/x?a=%2F&key=1&b=+#f", key),
            "https://h/x?a=%2F&b=+#f");
  EXPECT_EQ(UrlWithout("https://h/x?key=1", key), "https://h/x");
  EXPECT_EQ(UrlWithout("https://h/x#?key=1", key), "https://h/x#?key=1");
}

}  // namespace
}  // namespace headway::sdk
