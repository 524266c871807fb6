// The HTTP side over real sockets, before a whole daemon.
#include "daemon/web/web_server.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "tests/support/server_fixture.h"

namespace headway::web {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WebServerTest : public service::ServerTest {
 protected:
  WebServerTest() {
    auto web = WebServer::Start(
        service::ParseListenAddress("127.0.0.1:0").value(), server_.get());
    EXPECT_TRUE(web.ok()) << web.status();
    web_ = *std::move(web);
    client_ = std::make_unique<httplib::Client>("http://" + web_->address());
    client_->set_read_timeout(60);
  }

  httplib::Response Get(const std::string& path,
                        const httplib::Headers& headers = {}) {
    const auto result = client_->Get(path, headers);
    if (!result) {
      ADD_FAILURE() << path << ": " << httplib::to_string(result.error());
      return {};
    }
    return *result;
  }
  json GetJson(const std::string& path) {
    const httplib::Response response = Get(path);
    EXPECT_EQ(response.get_header_value("Content-Type"),
              "application/json; charset=utf-8");
    return json::parse(response.body);
  }

  std::unique_ptr<WebServer> web_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(WebServerTest, IsHealthy) {
  const httplib::Response response = Get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok\n");
}

TEST_F(WebServerTest, ShowsIndicatorsWithValuesAndForecasts) {
  RunToEnd("pipelines/harbour");
  const httplib::Response response = Get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      AllOf(HasSubstr("Ships in harbour"),
            HasSubstr("href=\"/indicators/ships_in_harbour\""),
            HasSubstr("class=\"spark\""), HasSubstr("2025-03"),
            HasSubstr("Harbour traffic"), HasSubstr("test.textproto:51:")));
}

TEST_F(WebServerTest, ShowsAnIndicatorWithItsFan) {
  RunToEnd("pipelines/harbour");
  const httplib::Response response = Get("/indicators/ships_in_harbour");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      AllOf(HasSubstr("How busy the harbour is."), HasSubstr("class=\"chart\""),
            HasSubstr("class=\"band\""), HasSubstr("80 % interval")));
}

TEST_F(WebServerTest, ShowsWhatWasKnownOnADay) {
  Write("cargo_tonnes", "A", {{"2025-01", 511}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 622}}, "2025-05-01");
  EXPECT_THAT(Get("/?as_of=2025-04-01").body,
              AllOf(HasSubstr("511"), Not(HasSubstr("622")),
                    HasSubstr("/indicators/cargo?as_of=2025-04-01")));
  EXPECT_THAT(Get("/indicators/cargo?as_of=2025-05-01").body, HasSubstr("622"));
  const httplib::Response wrong = Get("/?as_of=<b>");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, AllOf(HasSubstr("&lt;b&gt;"), Not(HasSubstr("<b>"))));
}

TEST_F(WebServerTest, PagesLoadNothingFromElsewhere) {
  for (const char* path : {"/", "/indicators/cargo", "/nowhere"}) {
    const httplib::Response response = Get(path);
    EXPECT_THAT(response.get_header_value("Content-Security-Policy"),
                HasSubstr("default-src 'none'"));
    EXPECT_EQ(response.get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(response.body,
                AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                      Not(HasSubstr("<script")), Not(HasSubstr("style="))));
  }
  EXPECT_EQ(Get("/style.css").status, 200);
  EXPECT_EQ(Get("/icon.svg").status, 200);
}

TEST_F(WebServerTest, NamesAnUnknownPageOrIndicator) {
  EXPECT_EQ(Get("/nowhere").status, 404);
  const httplib::Response response = Get("/indicators/cagro");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("did you mean &quot;cargo&quot;?"));
}

TEST_F(WebServerTest, AnswersTheReadingCallsAsJson) {
  RunToEnd("pipelines/harbour");
  EXPECT_EQ(
      GetJson("/v1/indicators?filter=name:ships")["indicators"][0]["summaries"]
                                                 [0]["last"]["value"],
      33);
  EXPECT_EQ(GetJson("/v1/indicators/ships_in_harbour")["title"],
            "Ships in harbour");
  EXPECT_EQ(GetJson("/v1/indicators/ships_in_harbour:read?first_period=2024-12")
                ["series"][0]["observations"][0]["value"],
            33);
  EXPECT_EQ(
      GetJson("/v1/indicators/ships_in_harbour:forecast")["forecasts"][0]
                                                         ["steps"][0]["period"],
      "2025-01");
  EXPECT_EQ(
      GetJson("/v1/indicators/ships_in_harbour/forecasts")["forecasts"].size(),
      1u);
  const std::string series =
      GetJson("/v1/series?filter=ships")["series"][0]["name"];
  EXPECT_EQ(GetJson("/v1/" + series)["metric"], "ships");
  EXPECT_EQ(GetJson("/v1/" + series + ":read")["observations"].size(), 24u);
  EXPECT_EQ(GetJson("/v1/query?expression=2*ships")["series"][0]["observations"]
                                                   [0]["value"],
            20);
  EXPECT_EQ(GetJson("/v1/pipelines")["pipelines"].size(), 4u);
  EXPECT_EQ(GetJson("/v1/pipelines/harbour")["title"], "Harbour traffic");
  const json runs = GetJson("/v1/pipelines/harbour/runs");
  const std::string run = runs["runs"][0]["name"];
  EXPECT_EQ(GetJson("/v1/" + run)["state"], "SUCCEEDED");
}

TEST_F(WebServerTest, JsonTakesEveryKindOfParameter) {
  Write("cargo_tonnes", "A", {{"2025-01", 511}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 622}}, "2025-05-01");
  EXPECT_EQ(GetJson("/v1/indicators/cargo:read?as_of=2025-04-01T12:00:00Z")
                ["series"][0]["observations"][0]["value"],
            511);
  EXPECT_EQ(GetJson("/v1/indicators?page_size=2")["indicators"].size(), 2u);
  EXPECT_EQ(GetJson("/v1/indicators?page_size=two")["error"]["message"],
            "page_size: \"two\" is not a whole number");
  EXPECT_EQ(GetJson("/v1/indicators?as_of=soon")["error"]["message"],
            "as_of: \"soon\" is not a date or an RFC 3339 instant");
  EXPECT_THAT(
      GetJson("/v1/indicators?sise=2")["error"]["message"].get<std::string>(),
      HasSubstr("unknown parameter \"sise\""));
}

TEST_F(WebServerTest, JsonErrorsCarryTheirDetails) {
  EXPECT_EQ(Get("/v1/indicators/nothing").status, 404);
  const json missing = GetJson("/v1/indicators/nothing")["error"];
  EXPECT_EQ(missing["code"], 404);
  EXPECT_EQ(missing["status"], "NOT_FOUND");
  EXPECT_EQ(missing["details"][0]["@type"],
            "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(missing["details"][0]["reason"], "INDICATOR_NOT_FOUND");
  const json wrong = GetJson("/v1/query?expression=sum(")["error"];
  EXPECT_EQ(wrong["status"], "INVALID_ARGUMENT");
  EXPECT_EQ(wrong["details"][0]["field_violations"][0]["field"], "expression");
  EXPECT_EQ(GetJson("/v1/elsewhere")["error"]["status"], "NOT_FOUND");
}

TEST_F(WebServerTest, CountsCallsForPrometheus) {
  GetJson("/v1/indicators/cargo");
  const httplib::Response response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      AllOf(HasSubstr("headway_grpc_calls_total{method="
                      "\"IndicatorService/GetIndicator\",code=\"OK\"} "
                      "1\n"),
            HasSubstr("headway_pipeline_errors{pipeline=\"broken\"} ")));
}

TEST_F(WebServerTest, AnswersOnlyGetAndHead) {
  for (const auto& result :
       {client_->Post("/v1/indicators", "x", "text/plain"),
        client_->Delete("/v1/indicators"), client_->Options("/")}) {
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 405);
    EXPECT_EQ(result->get_header_value("Allow"), "GET, HEAD");
  }
  const auto head = client_->Head("/");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
}

TEST_F(WebServerTest, AnswersOnlyToLoopbackNames) {
  EXPECT_EQ(Get("/healthz", {{"Host", "headway.example:80"}}).status, 403);
  EXPECT_EQ(Get("/healthz", {{"Host", "127.0.0.1.example"}}).status, 403);
  EXPECT_EQ(Get("/healthz", {{"Host", "localhost:7312"}}).status, 200);
  EXPECT_EQ(Get("/healthz", {{"Host", "[::1]:7312"}}).status, 200);
}

TEST_F(WebServerTest, RefusesALongRequest) {
  const int status = Get("/" + std::string(20000, 'x')).status;
  EXPECT_EQ(status, 414);
}

TEST_F(WebServerTest, RefusesAPortInUse) {
  const auto second = WebServer::Start(
      service::ParseListenAddress(web_->address()).value(), server_.get());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("another program is listening there"));
}

TEST_F(WebServerTest, RefusesAUnixSocket) {
  const auto second = WebServer::Start(
      service::ParseListenAddress("unix:/tmp/x").value(), server_.get());
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("browsers need an address such as 127.0.0.1:7312"));
}

}  // namespace
}  // namespace headway::web
