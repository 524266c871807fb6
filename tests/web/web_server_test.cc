// The HTTP side over real sockets, before a whole daemon.
#include "daemon/web/web_server.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/raw_client.h"
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
    port_ = service::ParseListenAddress(web_->address()).value().port;
  }

  // Each on a connection of its own.
  RawReply Get(const std::string& target, const std::string& fields = "") {
    RawReply reply = RawClient(port_).Get(target, fields);
    EXPECT_NE(reply.status, 0) << target;
    return reply;
  }
  json GetJson(const std::string& target) {
    const RawReply reply = Get(target);
    EXPECT_EQ(reply.fields.at("content-type"),
              "application/json; charset=utf-8");
    return json::parse(reply.body);
  }

  std::unique_ptr<WebServer> web_;
  int port_ = 0;
};

TEST_F(WebServerTest, IsHealthy) {
  const RawReply response = Get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok\n");
}

TEST_F(WebServerTest, SaysWhatIsWrongWhileItServes) {
  // The fixture defines a pipeline with errors.
  ASSERT_TRUE(health_->Look().ok());
  const RawReply response = Get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body,
              AllOf(HasSubstr("degraded\n"), HasSubstr("broken_definition ")));
  EXPECT_THAT(Get("/metrics").body,
              AllOf(HasSubstr("\nheadway_health 1\n"),
                    HasSubstr("headway_health_problems{kind=\"broken_"
                              "definition\"} 2\n")));
  EXPECT_EQ(GetJson("/v1/health")["state"], "DEGRADED");
}

TEST_F(WebServerTest, ShowsIndicatorsWithValuesAndForecasts) {
  RunToEnd("pipelines/harbour");
  const RawReply response = Get("/");
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
  const RawReply response = Get("/indicators/ships_in_harbour");
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
  const RawReply wrong = Get("/?as_of=<b>");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, AllOf(HasSubstr("&lt;b&gt;"), Not(HasSubstr("<b>"))));
}

TEST_F(WebServerTest, CitesWhatAPageShows) {
  Write("cargo_tonnes", "A", {{"2025-01", 511}}, "2025-03-01");
  EXPECT_THAT(Get("/indicators/cargo").body,
              HasSubstr("/cite?indicator=indicators/cargo"));
  const std::string reference =
      GetJson("/v1/citations:create?indicator=indicators/cargo")["reference"];
  Write("cargo_tonnes", "A", {{"2025-01", 622}}, "2025-05-01");
  const std::string encoded =
      absl::StrReplaceAll(reference, {{"&", "%26"}, {"?", "%3F"}});
  EXPECT_THAT(Get("/cite?reference=" + encoded).body,
              AllOf(HasSubstr("511"), Not(HasSubstr("622"))));
  EXPECT_EQ(Get("/cite?reference=x").status, 400);
}

TEST_F(WebServerTest, PagesLoadNothingFromElsewhere) {
  for (const char* path : {"/", "/indicators/cargo", "/nowhere"}) {
    const RawReply response = Get(path);
    EXPECT_THAT(response.fields.at("content-security-policy"),
                HasSubstr("default-src 'none'"));
    EXPECT_EQ(response.fields.at("x-content-type-options"), "nosniff");
    EXPECT_THAT(response.body,
                AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                      Not(HasSubstr("<script")), Not(HasSubstr("style="))));
  }
  EXPECT_EQ(Get("/style.css").status, 200);
  EXPECT_EQ(Get("/icon.svg").status, 200);
}

TEST_F(WebServerTest, NamesAnUnknownPageOrIndicator) {
  EXPECT_EQ(Get("/nowhere").status, 404);
  const RawReply response = Get("/indicators/cagro");
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

TEST_F(WebServerTest, JsonGivesTheValueZero) {
  Write("cargo_tonnes", "A", {{"2025-01", 0}}, "2025-03-01");
  const json observation = GetJson(
      "/v1/query?expression=cargo_tonnes")["series"][0]["observations"][0];
  EXPECT_EQ(observation.value("value", 7.0), 0) << observation;
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
            "as_of: \"soon\" is neither a date such as 2024-03-05 nor an "
            "instant such as 2024-03-05T12:30:00Z");
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

TEST_F(WebServerTest, CountsCallsAndRequestsForPrometheus) {
  GetJson("/v1/indicators/cargo");
  RawClient client(port_);
  client.Send("nonsense\r\n\r\n");
  client.ReadReply();
  const RawReply response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      AllOf(HasSubstr("headway_grpc_calls_total{method="
                      "\"IndicatorService/GetIndicator\",code=\"OK\"} "
                      "1\n"),
            HasSubstr("headway_http_requests_total{route=\"/v1/(indicators/"
                      "[^/]*)\",code=\"200\"} 1\n"),
            HasSubstr("headway_http_refusals_total{code=\"400\"} 1\n"),
            HasSubstr("headway_pipeline_errors{pipeline=\"broken\"} ")));
}

TEST_F(WebServerTest, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(Get("/v1/query?expression=%ff").status, 400);
  const json error = GetJson("/v1/query?expression=%ff")["error"];
  EXPECT_EQ(error["status"], "INVALID_ARGUMENT");
  EXPECT_EQ(error["message"],
            "parameter expression: \"%ff\" is not UTF-8; encode text as UTF-8, "
            "then each byte as %XX");
  EXPECT_EQ(Get("/v1/indicators/%ff").status, 400);
  EXPECT_EQ(Get("/v1/indicators/cargo%00").status, 400);
  EXPECT_EQ(Get("/v1/indicators?%ff=1").status, 400);
  const RawReply page = Get("/?as_of=%ff");
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.body, AllOf(HasSubstr("<html"), HasSubstr("as_of")));
}

TEST_F(WebServerTest, PagesBoundWhatTheyShowAndSayHowMuchThereIs) {
  for (int i = 0; i < 60; ++i) {
    Write("cargo_tonnes", absl::StrCat("port", 100 + i), {{"2025-01", i}});
  }
  const std::string page = Get("/").body;
  EXPECT_THAT(page, AllOf(HasSubstr("port105"), Not(HasSubstr("port106")),
                          HasSubstr("54 more series of Cargo by port")));
  const std::string own = Get("/indicators/cargo").body;
  EXPECT_THAT(own, AllOf(HasSubstr("port123"), Not(HasSubstr("port124")),
                         HasSubstr("All 60 series, as JSON")));
}

TEST_F(WebServerTest, AnswersOnlyGetAndHead) {
  for (const char* method : {"POST", "DELETE", "OPTIONS"}) {
    RawClient client(port_);
    client.Send(absl::StrCat(method, " / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    const RawReply reply = client.ReadReply();
    EXPECT_EQ(reply.status, 405);
    EXPECT_EQ(reply.fields.at("allow"), "GET, HEAD");
  }
  RawClient client(port_);
  client.Send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.ReadHead().status, 200);
}

TEST_F(WebServerTest, AnswersOnlyToLoopbackNames) {
  RawClient client(port_);
  client.Send("GET /healthz HTTP/1.1\r\nHost: headway.example:80\r\n\r\n");
  EXPECT_EQ(client.ReadReply().status, 403);
}

TEST_F(WebServerTest, StopsAtOnceWhoeverIsConnected) {
  RawClient client(port_);
  EXPECT_EQ(client.Get("/").status, 200);
  web_->Stop();
  EXPECT_EQ(client.ReadToEnd(), "");
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
