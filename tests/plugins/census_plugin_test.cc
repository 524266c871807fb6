#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/support/files.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_runner.h"

namespace headway {
namespace {

using plugin::v1::Error;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kKey[] = "0123456789abcdef0123456789abcdef01234567";
constexpr char kHtml[] =
    "<html><head><title>Invalid Key</title></head><body>You included a key "
    "with this request, however, it is not valid.</body></html>";

// A body in the API's form: its predicates come again as columns.
std::string Body(const ServedRequest& request,
                 const std::vector<std::pair<std::string, std::string>>& rows) {
  const bool exports = request.path.find("/exports/") != std::string::npos;
  const std::string commodity = exports ? "E_COMMODITY" : "I_COMMODITY";
  nlohmann::json body = {{request.parameter("get"), "COMM_LVL", commodity,
                          "CTY_CODE", "CTY_CODE", "time"}};
  for (const auto& [month, value] : rows) {
    body.push_back({value, request.parameter("COMM_LVL"),
                    request.parameter(commodity), request.parameter("CTY_CODE"),
                    request.parameter("CTY_CODE"), month});
  }
  return body.dump();
}

Ask AskFor(const HttpServer& server,
           std::map<std::string, std::string> config = {}) {
  config["base_url"] = server.url() + "/data/timeseries/intltrade";
  config.insert({{"flows", "export"}, {"hs", "8542"}, {"partners", "CHN"}});
  return {.config = config, .environment = {{"CENSUS_API_KEY", kKey}}};
}

Conversation ReadCensus(const Ask& ask) {
  return RunPlugin(PluginPath("census"), "read", ask);
}

Conversation ReadAnswer(const ServedAnswer& answer) {
  HttpServer server([&](const ServedRequest&) { return answer; });
  return ReadCensus(AskFor(server));
}

TEST(CensusPluginTest, AsksAsTheApiWantsAndDeliversLabelledMonths) {
  HttpServer server([](const ServedRequest& request) {
    return ServedAnswer{.body = Body(request, {{"2024-02", "483995458"},
                                               {"2024-01", "513398631"}})};
  });
  Conversation said = ReadCensus(AskFor(server));
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  const std::string series =
      "trade_value_usd{flow=export,hs=8542,partner=CHN,reporter=USA,"
      "source=census}";
  EXPECT_THAT(said.Values(),
              ElementsAre(series + " 2024-01 snapshot = 513398631",
                          series + " 2024-02 snapshot = 483995458"));
  ASSERT_EQ(said.series().size(), 1);
  EXPECT_EQ(said.series()[0].vintage_kind(), plugin::v1::ASSUMED);
  EXPECT_EQ(said.series()[0].release_lag().seconds(), 36 * 86400);
  EXPECT_EQ(said.series()[0].unit(), "USD");
  ASSERT_EQ(server.requests().size(), 1);
  const ServedRequest asked = server.requests()[0];
  EXPECT_EQ(asked.path, "/data/timeseries/intltrade/exports/hs");
  EXPECT_EQ(asked.parameter("get"), "ALL_VAL_MO");
  EXPECT_EQ(asked.parameter("COMM_LVL"), "HS4");
  EXPECT_EQ(asked.parameter("E_COMMODITY"), "8542");
  EXPECT_EQ(asked.parameter("CTY_CODE"), "5700");
  EXPECT_EQ(asked.parameter("time"), "from 2013-01");
  EXPECT_EQ(asked.parameter("key"), kKey);
}

TEST(CensusPluginTest, AsksForEachFlowCodeAndPartner) {
  HttpServer server([](const ServedRequest& request) {
    return ServedAnswer{.body = Body(request, {{"2025-05", "1"}})};
  });
  Conversation said = ReadCensus(AskFor(server, {{"flows", "export,import"},
                                                 {"hs", "8542,848620"},
                                                 {"partners", "TWN,WLD"}}));
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_EQ(said.series().size(), 8);
  EXPECT_EQ(said.checkpoints().size(), 8);
  std::vector<std::string> asked;
  for (const ServedRequest& r : server.requests()) {
    asked.push_back(
        absl::StrCat(r.parameter("get"), " ", r.parameter("COMM_LVL"), " ",
                     r.parameter("I_COMMODITY"), " ", r.parameter("CTY_CODE")));
  }
  EXPECT_THAT(asked, AllOf(Contains("GEN_VAL_MO HS6 848620 -"),
                           Contains("GEN_VAL_MO HS4 8542 5830"),
                           Contains("ALL_VAL_MO HS6  5830")));
}

TEST(CensusPluginTest, AsksForThirdCountriesAndTheGoodsThatHoldChips) {
  HttpServer server([](const ServedRequest& request) {
    return ServedAnswer{.body = Body(request, {{"2025-05", "1"}})};
  });
  Conversation said = ReadCensus(AskFor(
      server, {{"hs", "8541,8471,8473"}, {"partners", "LAO,CRI,MMR,KEN"}}));
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  std::vector<std::string> asked;
  for (const ServedRequest& r : server.requests()) {
    asked.push_back(absl::StrCat(r.parameter("COMM_LVL"), " ",
                                 r.parameter("E_COMMODITY"), " ",
                                 r.parameter("CTY_CODE")));
  }
  EXPECT_EQ(asked.size(), 12);
  EXPECT_THAT(asked,
              AllOf(Contains("HS4 8541 5530"), Contains("HS4 8471 2230"),
                    Contains("HS4 8473 5460"), Contains("HS4 8473 7790")));
}

TEST(CensusPluginTest, TakesNoContentForNoRows) {
  Conversation said = ReadAnswer({.status = 204});
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_THAT(said.batches(), IsEmpty());
  EXPECT_THAT(said.log(), HasSubstr("export/8542/CHN: no trade reported"));
  EXPECT_EQ(said.checkpoints().size(), 1);
}

TEST(CensusPluginTest, PassesOnWhatTheApiSaysOfABadRequest) {
  Conversation said = ReadAnswer({.status = 400,
                                  .body = "error: unknown variable 'XYZ'",
                                  .content_type = "text/plain"});
  EXPECT_EQ(said.error().class_(), Error::CONFIG);
  EXPECT_THAT(said.error().message(),
              AllOf(HasSubstr("unknown variable"),
                    HasSubstr("E_COMMODITY=8542"), Not(HasSubstr(kKey))));
}

TEST(CensusPluginTest, TakesAWebPageOrARedirectForARefusedKey) {
  const ServedAnswer kAnswers[] = {
      {.status = 200, .body = kHtml, .content_type = "text/html"},
      {.status = 200, .body = kHtml, .content_type = "application/json"},
      {.status = 302,
       .headers = {{"Location",
                    "https://api.census.gov/data/invalid_key.html"}}},
  };
  for (const ServedAnswer& answer : kAnswers) {
    Conversation said = ReadAnswer(answer);
    EXPECT_EQ(said.error().class_(), Error::CONFIG);
    EXPECT_THAT(said.error().message(),
                AllOf(HasSubstr("does not accept the key in CENSUS_API_KEY"),
                      Not(HasSubstr(kKey))));
  }
}

TEST(CensusPluginTest, SaysWhereToGetAKeyWhereThereIsNone) {
  HttpServer server([](const ServedRequest&) {
    return ServedAnswer{.body = kHtml, .content_type = "text/html"};
  });
  Ask ask = AskFor(server);
  ask.environment.clear();
  EXPECT_THAT(ReadCensus(ask).error().message(),
              HasSubstr("request one at https://api.census.gov/data/"
                        "key_signup.html and set CENSUS_API_KEY"));
  EXPECT_EQ(server.requests()[0].parameters.count("key"), 0);
}

TEST(CensusPluginTest, TakesOverloadForTransientAndPassesRetryAfterOn) {
  for (int status : {429, 500, 503}) {
    Conversation said =
        ReadAnswer({.status = status, .headers = {{"Retry-After", "600"}}});
    EXPECT_EQ(said.error().class_(), Error::TRANSIENT) << status;
    EXPECT_EQ(said.error().retry_after().seconds(), 600);
  }
}

TEST(CensusPluginTest, ComesThroughAPassingFault) {
  int calls = 0;
  HttpServer server([&](const ServedRequest& request) -> ServedAnswer {
    if (++calls < 3) return {.status = 503, .headers = {{"Retry-After", "0"}}};
    return {.body = Body(request, {{"2025-05", "1"}})};
  });
  Conversation said = ReadCensus(AskFor(server));
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_EQ(said.Values().size(), 1);
}

TEST(CensusPluginTest, NamesTheBeginningOfAnAnswerItCannotUse) {
  const char* const kBodies[] = {
      R"j([["ALL_VAL_MO","COMM_LVL","E_COMMODITY","CTY_CO)j",
      R"j({"error": "changed"})j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE"],["1","8542","5700"]])j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE","time"],["1","8542","5700"]])j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE","time"],[1,"8542","5700","2024-01"]])j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE","time"],["1","8541","5700","2024-01"]])j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE","time"],["(D)","8542","5700","2024-01"]])j",
      R"j([["ALL_VAL_MO","E_COMMODITY","CTY_CODE","time"],["1","8542","5700","2024"]])j",
  };
  for (const char* body : kBodies) {
    Conversation said = ReadAnswer({.body = body});
    EXPECT_EQ(said.exit_status, 1);
    EXPECT_EQ(said.error().class_(), Error::SYSTEM) << body;
    EXPECT_THAT(said.error().message(), AllOf(HasSubstr("/exports/hs?get="),
                                              AnyOf(HasSubstr("begins with"),
                                                    HasSubstr("the answer"))));
    EXPECT_THAT(said.batches(), IsEmpty());
  }
}

TEST(CensusPluginTest, GoesOnWhereAReadWasCutOff) {
  int served = 0;
  HttpServer server([&](const ServedRequest& request) -> ServedAnswer {
    if (++served > 2) {
      return {.status = 503, .headers = {{"Retry-After", "600"}}};
    }
    return {.body = Body(request, {{"2025-05", "1"}})};
  });
  Ask ask = AskFor(server, {{"partners", "CHN,JPN,KOR,TWN"}});
  Conversation cut = ReadCensus(ask);
  EXPECT_EQ(cut.error().class_(), Error::TRANSIENT);
  ASSERT_EQ(cut.checkpoints().size(), 2);

  ask.checkpoints = cut.states();
  server.Between([&] { served = -100; });
  Conversation rest = ReadCensus(ask);
  EXPECT_EQ(rest.exit_status, 0) << rest.error().message();
  std::vector<std::string> asked;
  for (const ServedRequest& r : server.requests()) {
    asked.push_back(r.parameter("CTY_CODE") + " " + r.parameter("time"));
  }
  // The streams that are missing come first and from the start.
  EXPECT_THAT(asked, ElementsAre("5700 from 2013-01", "5880 from 2013-01",
                                 "5800 from 2013-01", "5800 from 2013-01",
                                 "5830 from 2013-01", "5700 from 2025-02",
                                 "5880 from 2025-02"));
}

class CensusRevisionTest : public testing::Test {
 protected:
  // Reads at an instant from the state that the last read left, and returns the
  // first month that was asked for and whether the answer replaced all.
  std::string ReadAt(const std::string& now, const std::string& since) {
    HttpServer server([](const ServedRequest& request) {
      return ServedAnswer{.body = Body(request, {{"2025-05", "1"}})};
    });
    Ask ask = AskFor(server, {{"since", since}});
    ask.now = now;
    ask.checkpoints = states_;
    Conversation said = ReadCensus(ask);
    EXPECT_EQ(said.exit_status, 0) << said.error().message();
    states_ = said.states();
    return server.requests().at(0).parameter("time") +
           (said.batches().at(0).snapshot() ? " all" : "");
  }

  std::map<std::string, std::string> states_;
};

TEST_F(CensusRevisionTest, ReadsTheMonthsThatAreRevisedAndAllAfterJune) {
  EXPECT_EQ(ReadAt("2026-03-10T00:00:00Z", "2013-01"), "from 2013-01 all");
  EXPECT_EQ(ReadAt("2026-04-10T00:00:00Z", "2013-01"), "from 2024-10");
  EXPECT_EQ(ReadAt("2026-06-14T00:00:00Z", "2013-01"), "from 2024-12");
  EXPECT_EQ(ReadAt("2026-06-16T00:00:00Z", "2013-01"), "from 2013-01 all");
  EXPECT_EQ(ReadAt("2026-06-17T00:00:00Z", "2013-01"), "from 2024-12");
  EXPECT_EQ(ReadAt("2026-07-15T00:00:00Z", "2013-01"), "from 2013-01 all");
  EXPECT_EQ(ReadAt("2027-01-15T00:00:00Z", "2013-01"), "from 2025-07");
}

TEST_F(CensusRevisionTest, WithdrawsNothingBeforeALaterStart) {
  EXPECT_EQ(ReadAt("2026-03-10T00:00:00Z", "2013-01"), "from 2013-01 all");
  EXPECT_EQ(ReadAt("2026-08-10T00:00:00Z", "2020-01"), "from 2020-01");
  EXPECT_EQ(ReadAt("2026-08-11T00:00:00Z", "2010-01"), "from 2010-01 all");
}

TEST(CensusPluginTest, NamesTheOptionThatIsWrong) {
  HttpServer server([](const ServedRequest&) { return ServedAnswer{}; });
  auto message = [&](const std::string& name, const std::string& value) {
    Conversation said = ReadCensus(AskFor(server, {{name, value}}));
    EXPECT_EQ(said.error().class_(), Error::CONFIG);
    return said.error().message();
  };
  EXPECT_THAT(message("partners", "CHN,XYZ"),
              AllOf(HasSubstr("option partners: \"XYZ\""), HasSubstr("TWN")));
  EXPECT_THAT(message("hs", "85421"), HasSubstr("option hs: \"85421\""));
  EXPECT_THAT(message("flows", "exports"), HasSubstr("neither export nor"));
  EXPECT_THAT(message("since", "2013"), HasSubstr("option since"));
  EXPECT_THAT(message("partners", "CHN,CHN"),
              HasSubstr("name export/8542/CHN twice"));
  EXPECT_THAT(message("partners", ","), HasSubstr("nothing to read"));
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(CensusPluginTest, DiscoversWithoutAskingTheApi) {
  HttpServer server([](const ServedRequest&) { return ServedAnswer{}; });
  Conversation said = RunPlugin(PluginPath("census"), "discover",
                                AskFor(server, {{"partners", "CHN,WLD"}}));
  EXPECT_EQ(said.series().size(), 2);
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(CensusPluginTest, ChecksByAskingForTheRecentMonthsOfOneSeries) {
  HttpServer server([](const ServedRequest& request) {
    return ServedAnswer{
        .body = Body(request, {{"2026-05", "1"}, {"2026-06", "2"}})};
  });
  Conversation said = RunPlugin(PluginPath("census"), "check",
                                AskFor(server, {{"partners", "CHN,WLD"}}));
  ASSERT_EQ(said.messages.size(), 1);
  EXPECT_EQ(said.messages[0].check().message(),
            "2 series; export/8542/CHN is there up to 2026-06");
  EXPECT_EQ(server.requests().size(), 1);
}

// Answers from recorded bodies, one for each year, as the API would from a
// month on.
std::string RecordedBody(const ServedRequest& request, const std::string& dir) {
  const std::map<std::string, std::string> kRetrieved = {
      {"2021", "20260716"}, {"2022", "20260716"}, {"2023", "20260709"},
      {"2024", "20260709"}, {"2025", "20260709"}, {"2026", "20260804"}};
  nlohmann::json all;
  const std::string from = request.parameter("time").substr(5);
  for (const auto& [year, retrieved] : kRetrieved) {
    auto body = nlohmann::json::parse(ReadFile(absl::StrCat(
        dir, "/trade/raw/", retrieved, "_census_us_hs",
        request.parameter("E_COMMODITY"), "_exports_to_cn_", year, ".json")));
    if (all.empty()) all.push_back(body[0]);
    EXPECT_EQ(body[0].back(), "time");
    for (size_t i = 1; i < body.size(); ++i) {
      if (body[i].back().get<std::string>() >= from) all.push_back(body[i]);
    }
  }
  return all.dump();
}

TEST(CensusPluginTest, YieldsTheKnownSumsFromRecordedAnswers) {
  const std::string shared = SharedDataDirectory();
  if (!std::filesystem::exists(shared)) {
    GTEST_SKIP() << "needs the recorded answers; set HEADWAY_SHARED_DATA";
  }
  HttpServer server([&](const ServedRequest& request) {
    return ServedAnswer{.body = RecordedBody(request, shared)};
  });
  Conversation said = ReadCensus(AskFor(server, {{"since", "2021-01"}}));
  ASSERT_EQ(said.exit_status, 0) << said.error().message();
  std::map<std::string, double> billions;
  for (const auto& batch : said.batches()) {
    for (int i = 0; i < batch.periods_size(); ++i) {
      billions[batch.periods(i).substr(0, 4)] += batch.values(i) / 1e9;
    }
  }
  const std::map<std::string, double> kKnown = {{"2021", 12.35},
                                                {"2022", 9.42},
                                                {"2023", 5.13},
                                                {"2024", 8.72},
                                                {"2025", 9.96}};
  for (const auto& [year, sum] : kKnown) {
    EXPECT_NEAR(billions[year], sum, 0.005) << year;
  }
}

}  // namespace
}  // namespace headway
