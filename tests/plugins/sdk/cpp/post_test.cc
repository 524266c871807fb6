// What the client posts, records and replays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "plugins/sdk/cpp/errors.h"
#include "tests/plugins/sdk/cpp/http_fixture.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway::sdk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PostTest : public HttpClientTest {
 protected:
  // What the server got.
  ServedRequest Posted(HttpBody body) {
    HttpServer server(InTurn({{.body = "ok"}}));
    EXPECT_THAT(HttpClient(Options()).Post({.url = server.url() + "/x"},
                                           std::move(body)),
                IsOk());
    return server.requests().at(0);
  }
  HttpClient Recorder() {
    return HttpClient(Options(),
                      MakeRecordingTransport(directory_.path(),
                                             MakeNetworkTransport(Options())));
  }
  HttpClient Player() {
    return HttpClient(Options(), MakeReplayingTransport(directory_.path()));
  }
  std::string Recorded() const {
    std::string text;
    for (const auto& file :
         std::filesystem::directory_iterator(directory_.path())) {
      text += file.path().filename().string() + "\n" + ReadFile(file.path());
    }
    return text;
  }

  const TempDirectory directory_;
};

TEST_F(PostTest, SendsABodyUnderItsType) {
  const ServedRequest asked = Posted(JsonBody(R"({"a":1})"));
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.body, R"({"a":1})");
  EXPECT_EQ(asked.headers.at("content-type"), "application/json");
}

TEST_F(PostTest, SendsTheFieldsOfAForm) {
  const ServedRequest asked =
      Posted(FormBody({{"a", "1 2"}, {"b", "&"}}, {{"key", "s"}}));
  EXPECT_EQ(asked.body, "a=1%202&b=%26&key=s");
  EXPECT_EQ(asked.headers.at("content-type"),
            "application/x-www-form-urlencoded");
}

TEST_F(PostTest, SendsALargeBodyAtOnce) {
  const std::string text(3 << 20, 'x');
  EXPECT_EQ(Posted({"text/plain", text}).body.size(), text.size());
}

TEST_F(PostTest, IsRetriedAsAGetIs) {
  HttpServer server(InTurn({{.status = 503}, {.body = "late"}}));
  const auto response =
      HttpClient(Options()).Post({.url = server.url()}, JsonBody("1"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "late");
}

TEST_F(PostTest, RefusesSecretFieldsThatHaveNoPlace) {
  for (const HttpBody& body :
       {HttpBody{"text/plain", "x", {{"key", "s"}}},
        JsonBody("[1]", {{"key", "s"}}), JsonBody("{", {{"key", "s"}})}) {
    EXPECT_THAT(
        HttpClient(Options()).Post({.url = "http://127.0.0.1:1"}, body),
        StatusIs(absl::StatusCode::kInternal, HasSubstr("secret_fields")));
  }
}

TEST_F(PostTest, SendsNoSecretFieldOverHttpToAnotherHost) {
  EXPECT_THAT(HttpClient(Options()).Post({.url = "http://example.test/"},
                                         JsonBody("{}", {{"key", "s"}})),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not sent over http")));
}

TEST_F(PostTest, RecordsAnAnswerForEachBodyAndNoSecret) {
  HttpServer server(InTurn({{.body = "one"}, {.body = "two"}}));
  const HttpRequest request = {.url = server.url() + "/x"};
  HttpClient recorder = Recorder();
  ASSERT_THAT(recorder.Post(request, JsonBody("{\"p\":1}", {{"k", "s3cret"}})),
              IsOk());
  ASSERT_THAT(recorder.Post(request, JsonBody("{\"p\":2}", {{"k", "s3cret"}})),
              IsOk());
  EXPECT_THAT(Recorded(), Not(HasSubstr("s3cret")));
  HttpClient player = Player();
  EXPECT_EQ(player.Post(request, JsonBody("{\"p\":2}"))->body, "two");
  EXPECT_EQ(player.Post(request, JsonBody("{\"p\":1}"))->body, "one");
  EXPECT_THAT(player.Get(request),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no recording")));
}

TEST_F(PostTest, StrikesSecretsOutOfRecordedHeaders) {
  HttpServer server(InTurn({{.headers = {{"Link", "</x?key=s3cr%26t>"},
                                         {"X-Token", "t0ken"},
                                         {"Set-Cookie", "id=1"}}}}));
  ASSERT_THAT(Recorder().Get({.url = server.url(),
                              .secret_parameters = {{"key", "s3cr&t"}},
                              .secret_headers = {{"X-Key", "t0ken"}}}),
              IsOk());
  EXPECT_THAT(Recorded(), Not(HasSubstr("s3cr")));
  EXPECT_THAT(Recorded(), Not(HasSubstr("t0ken")));
  EXPECT_THAT(Recorded(), Not(HasSubstr("id=1")));
}

// Stands for a publisher.
class YesTransport final : public HttpTransport {
 public:
  absl::StatusOr<HttpResponse> Send(const HttpRequest&) override {
    return HttpResponse{200, {}, "yes"};
  }
};

TEST_F(PostTest, IsRecordedUnderTheNameThatBothSdksUse) {
  HttpClient recorder(Options(),
                      MakeRecordingTransport(directory_.path(),
                                             std::make_unique<YesTransport>()));
  ASSERT_THAT(
      recorder.Post({.url = "https://example.test/x"}, JsonBody(R"({"a":1})")),
      IsOk());
  // The Python SDK's test has the same name.
  EXPECT_THAT(Recorded(), HasSubstr("dfdc1bef669dfdf3.json"));
}

}  // namespace
}  // namespace headway::sdk
