#include "plugins/sdk/cpp/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/synchronization/notification.h"
#include "plugins/sdk/cpp/errors.h"
#include "tests/plugins/sdk/cpp/http_fixture.h"
#include "tests/support/files.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway::sdk {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;

TEST_F(HttpClientTest, RetriesAServerErrorWithRisingBackoff) {
  HttpServer server(InTurn({{.status = 500}, {.status = 503}, {.body = "ok"}}));
  auto response = Get(server);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "ok");
  EXPECT_THAT(clock_.waits(),
              ElementsAre(AllOf(Ge(0.0), Le(1.0)), AllOf(Ge(0.0), Le(2.0))));
}

TEST_F(HttpClientTest, WaitsAnyPartOfTheBackoff) {
  HttpServer server(InTurn({{.status = 500}}));
  HttpOptions options = Options();
  options.max_attempts = 2;
  for (options.jitter_seed = 0; options.jitter_seed < 60;
       ++options.jitter_seed) {
    EXPECT_FALSE(HttpClient(options).Get({.url = server.url()}).ok());
  }
  EXPECT_LT(*std::min_element(clock_.waits().begin(), clock_.waits().end()),
            0.1);
  EXPECT_GT(*std::max_element(clock_.waits().begin(), clock_.waits().end()),
            0.9);
}

TEST_F(HttpClientTest, GivesUpAfterTheLastAttemptWithATransientError) {
  HttpServer server(InTurn({{.status = 502, .body = "bad gateway"}}));
  auto response = Get(server);
  EXPECT_TRUE(IsTransient(response.status()));
  EXPECT_THAT(response.status().message(),
              AllOf(HasSubstr("HTTP 502 saying \"bad gateway\""),
                    HasSubstr("(4 attempts)")));
  EXPECT_EQ(server.requests().size(), 4);
}

TEST_F(HttpClientTest, WaitsAsLongAsRetryAfterSays) {
  HttpServer server(InTurn(
      {{.status = 429, .headers = {{"Retry-After", "7"}}}, {.body = "ok"}}));
  ASSERT_TRUE(Get(server).ok());
  EXPECT_THAT(clock_.waits(), ElementsAre(7.0));
}

TEST_F(HttpClientTest, PassesALongRetryAfterOnInsteadOfWaiting) {
  HttpServer server(
      InTurn({{.status = 429, .headers = {{"Retry-After", "3600"}}}}));
  auto response = Get(server);
  EXPECT_EQ(RetryAfter(response.status()), absl::Hours(1));
  EXPECT_THAT(clock_.waits(), IsEmpty());
}

TEST(ParseRetryAfterTest, ReadsSecondsAndDatesAndNothingElse) {
  const absl::Time now = absl::FromCivil(
      absl::CivilSecond(2026, 8, 20, 12, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(ParseRetryAfter("120", now), absl::Minutes(2));
  EXPECT_EQ(ParseRetryAfter("Thu, 20 Aug 2026 12:00:30 GMT", now),
            absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Thu, 20 Aug 2026 11:00:00 GMT", now),
            absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("soon", now), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-5", now), std::nullopt);
}

TEST_F(HttpClientTest, RetriesABodyThatIsCutShort) {
  HttpServer server(
      InTurn({{.body = "half of it", .cut_short = true}, {.body = "whole"}}));
  auto response = Get(server);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "whole");
}

TEST_F(HttpClientTest, RefusesABodyBeyondTheLimit) {
  HttpServer server(InTurn({{.body = std::string(1001, 'x')}}));
  HttpOptions options = Options();
  options.max_response_bytes = 1000;
  auto response = HttpClient(options).Get({.url = server.url() + "/x"});
  EXPECT_THAT(response,
              StatusIs(absl::StatusCode::kInternal,
                       HasSubstr("larger than 1000 bytes, the limit")));
  EXPECT_EQ(server.requests().size(), 1);
}

TEST_F(HttpClientTest, AsksConditionallyAndTakesNotModifiedForAnAnswer) {
  HttpServer server([](const ServedRequest& request) -> ServedAnswer {
    auto tag = request.headers.find("if-none-match");
    if (tag != request.headers.end() && tag->second == "\"v1\"") {
      return {.status = 304};
    }
    return {.body = "fresh", .headers = {{"ETag", "\"v1\""}}};
  });
  auto first = Get(server);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->Header("etag"), "\"v1\"");
  auto second = Get(server, {.etag = std::string(first->Header("etag"))});
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->status, 304);
}

TEST_F(HttpClientTest, SaysWhoAsksWhereTheOperatorGivesAContact) {
  HttpServer server(InTurn({{}}));
  ::setenv("HEADWAY_CONTACT", "data@example.org", 1);
  EXPECT_TRUE(Get(server).ok());
  ::setenv("HEADWAY_CONTACT", "a (b)", 1);
  EXPECT_THAT(Get(server).status().message(), HasSubstr("HEADWAY_CONTACT"));
  ::unsetenv("HEADWAY_CONTACT");
  EXPECT_TRUE(Get(server).ok());
  EXPECT_THAT(server.requests()[0].headers.at("user-agent"),
              Eq("headway/0.1 (+data@example.org)"));
  EXPECT_THAT(server.requests()[1].headers.at("user-agent"), Eq("headway/0.1"));
}

TEST_F(HttpClientTest, TakesAMissingPageAndARefusedKeyForConfigErrors) {
  for (int status : {401, 403, 404}) {
    HttpServer server(InTurn({{.status = status}}));
    EXPECT_THAT(Get(server), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_EQ(server.requests().size(), 1);
  }
}

TEST_F(HttpClientTest, ReturnsTheStatusesThatTheCallerAccepts) {
  HttpServer server(InTurn({{.status = 400, .body = "error: why"}}));
  auto response = Get(server, {.accept_statuses = {400}});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "error: why");
}

TEST_F(HttpClientTest, TimesOutOnAServerThatDoesNotAnswer) {
  absl::Notification done;
  HttpServer server([&](const ServedRequest&) {
    done.WaitForNotification();
    return ServedAnswer{};
  });
  HttpOptions options = Options();
  options.timeout = absl::Milliseconds(50);
  options.max_attempts = 1;
  auto response = HttpClient(options).Get({.url = server.url() + "/x"});
  done.Notify();
  EXPECT_TRUE(IsTransient(response.status())) << response.status();
}

TEST_F(HttpClientTest, TakesAPortThatNobodyListensOnForTransient) {
  std::string url;
  {
    HttpServer server(InTurn({{}}));
    url = server.url();
  }
  EXPECT_TRUE(IsTransient(HttpClient(Options()).Get({.url = url}).status()));
}

TEST_F(HttpClientTest, KeepsADistanceBetweenRequests) {
  HttpServer server(InTurn({{.body = "ok"}}));
  HttpOptions options = Options();
  options.min_interval = absl::Seconds(2);
  HttpClient client(options);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Get({.url = server.url() + "/x"}).ok());
  }
  EXPECT_THAT(clock_.waits(), ElementsAre(2.0, 2.0));
}

TEST_F(HttpClientTest, SendsSecretsAndKeepsThemOutOfErrors) {
  HttpServer server(InTurn({{.status = 404}}));
  auto response = Get(server, {.secret_parameters = {{"key", "s3cr&t"}}});
  EXPECT_EQ(server.requests()[0].parameter("key"), "s3cr&t");
  EXPECT_THAT(response.status().message(), Not(HasSubstr("s3cr")));
}

TEST_F(HttpClientTest, SendsNoSecretOverHttpToAnotherHost) {
  auto response = HttpClient(Options()).Get(
      {.url = "http://example.com/", .secret_parameters = {{"key", "s3cret"}}});
  EXPECT_THAT(response.status().message(),
              HasSubstr("a secret is not sent over http"));
}

TEST_F(HttpClientTest, DecodesCompressedBodiesAndBoundsTheDecodedSize) {
  const std::string plain(100000, 'x');
  HttpServer server(InTurn({{.body = plain, .content_type = "text/plain"}}));
  auto response = Get(server);
  ASSERT_THAT(response, IsOk());
  EXPECT_NE(response->Header("content-encoding"), "");
  EXPECT_EQ(response->body, plain);
  HttpOptions options = Options();
  options.max_response_bytes = 99999;
  EXPECT_THAT(HttpClient(options).Get({.url = server.url()}).status().message(),
              HasSubstr("larger than 99999 bytes"));
}

TEST_F(HttpClientTest, ReadsFilesWithPercentEncodedPaths) {
  const TempFile file("a file.txt", "content");
  std::string url = file.url();
  url.replace(url.find(' '), 1, "%20");
  auto response = HttpClient(Options()).Get({.url = url});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "content");
}

TEST_F(HttpClientTest, NamesAFileThatIsNotThere) {
  auto response = HttpClient(Options()).Get({.url = "file:///no/such/file"});
  EXPECT_THAT(
      response,
      StatusIs(
          absl::StatusCode::kFailedPrecondition,
          HasSubstr("file:///no/such/file: cannot read the file: No such")));
}

TEST_F(HttpClientTest, RefusesADirectory) {
  auto response = HttpClient(Options()).Get({.url = "file:///tmp"});
  EXPECT_EQ(response.status().message(), "file:///tmp: not a regular file");
}

TEST_F(HttpClientTest, RefusesOtherSchemes) {
  auto response = HttpClient(Options()).Get({.url = "ftp://example.com/x"});
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(HttpClientTest, ReplaysWhatItRecordedWithoutTheSecret) {
  const TempDirectory recordings;
  const std::string& directory = recordings.path();
  std::string body("not \xFF UTF-8");
  HttpRequest request{.secret_parameters = {{"key", "s3cret"}}};
  {
    HttpServer server(InTurn({{.body = body, .headers = {{"ETag", "e"}}}}));
    request.url = server.url() + "/x";
    HttpClient recorder(
        Options(),
        MakeRecordingTransport(directory, MakeNetworkTransport(Options())));
    ASSERT_TRUE(recorder.Get(request).ok());
  }
  HttpClient player(Options(), MakeReplayingTransport(directory));
  auto response = player.Get(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, body);
  EXPECT_EQ(response->Header("etag"), "e");
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    EXPECT_THAT(ReadFile(file.path()), Not(HasSubstr("s3cret")));
  }
  EXPECT_THAT(player.Get({.url = "https://other/"}).status().message(),
              HasSubstr("https://other/: no recording at"));
}

// Stands for a publisher whose answers an author records.
class FixedTransport final : public HttpTransport {
 public:
  explicit FixedTransport(HttpResponse response)
      : response_(std::move(response)) {}
  absl::StatusOr<HttpResponse> Send(const HttpRequest&) override {
    return response_;
  }

 private:
  HttpResponse response_;
};

TEST_F(HttpClientTest, WritesRecordingsThatThePythonSdkReplays) {
  const TempDirectory recordings;
  const std::string& directory = recordings.path();
  const std::string url = "https://example.com/models.csv";
  HttpClient recorder(
      Options(),
      MakeRecordingTransport(
          directory,
          std::make_unique<FixedTransport>(HttpResponse{
              200,
              {},
              "Model,Publication date,Training compute (FLOP),Country\n"
              "A \"b\" \xC3\xA9,2026-01-01,1e20,China\n"})));
  ASSERT_TRUE(recorder.Get({.url = url}).ok());
  Conversation said =
      RunPlugin(PluginPath("epoch"), "read",
                {.config = {{"url", url}},
                 .environment = {{"HEADWAY_HTTP_REPLAY", directory}}});
  EXPECT_EQ(said.series().size(), 2) << said.error().message();
}

}  // namespace
}  // namespace headway::sdk
