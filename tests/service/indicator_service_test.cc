// IndicatorService over a real channel, but for its watch.
#include "absl/strings/str_cat.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using IndicatorStub = v1::IndicatorService::Stub;

class IndicatorServiceTest : public ServerTest {
 protected:
  // The short names listed, over all pages.
  std::vector<std::string> List(v1::ListIndicatorsRequest request) {
    std::vector<std::string> names;
    do {
      v1::ListIndicatorsResponse response;
      const grpc::Status status =
          Ask(*indicators_, &IndicatorStub::ListIndicators, request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const v1::Indicator& indicator : response.indicators()) {
        names.push_back(
            indicator.name().substr(indicator.name().find('/') + 1));
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  std::vector<std::string> ListFiltered(const std::string& filter) {
    v1::ListIndicatorsRequest request;
    request.set_filter(filter);
    return List(request);
  }
  std::string FilterRefusal(const std::string& filter) {
    v1::ListIndicatorsRequest request;
    request.set_filter(filter);
    v1::ListIndicatorsResponse response;
    return ViolationOf(
        Ask(*indicators_, &IndicatorStub::ListIndicators, request, &response));
  }
};

TEST_F(IndicatorServiceTest, DescribesAnIndicator) {
  const v1::Indicator indicator = GetIndicator("indicators/ships_in_harbour");
  EXPECT_EQ(indicator.title(), "Ships in harbour");
  EXPECT_EQ(indicator.meaning(), "How busy the harbour is.");
  EXPECT_EQ(indicator.expression(), "sum(ships)");
  EXPECT_EQ(indicator.unit(), "1");
  EXPECT_EQ(indicator.topic(), "sea trade");
  EXPECT_EQ(indicator.pipeline(), "pipelines/harbour");
}

TEST_F(IndicatorServiceTest, SummarisesEverySeries) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 8}});
  Write("cargo_tonnes", "B", {{"2025-01", 5}, {"2025-03", 9}});
  const v1::Indicator indicator = GetIndicator("indicators/cargo");
  ASSERT_EQ(indicator.summaries_size(), 2);
  const v1::IndicatorSummary& a = indicator.summaries(0);
  EXPECT_EQ(a.labels().at("port"), "A");
  EXPECT_EQ(a.frequency(), v1::MONTHLY);
  EXPECT_EQ(a.last().period(), "2025-02");
  EXPECT_EQ(a.last().value(), 8);
  EXPECT_EQ(a.change(), 3);
  EXPECT_EQ(a.observation_count(), 2);
  // The period before its last one is missing.
  EXPECT_FALSE(indicator.summaries(1).has_change());
}

TEST_F(IndicatorServiceTest, SaysWhyThereIsNoValue) {
  EXPECT_EQ(GetIndicator("indicators/wages").summaries(0).error(),
            "no data yet");
  EXPECT_THAT(GetIndicator("indicators/lost").summaries(0).error(),
              HasSubstr("test.textproto:52:"));
}

TEST_F(IndicatorServiceTest, AShortageOfMemoryIsNoAnswer) {
  Write("wage_usd", "A", {{"2025-01", 5}});
  StopDaemon();
  manager_options_.evaluations.working_bytes = 1;
  StartDaemon();
  v1::GetIndicatorRequest request;
  request.set_name("indicators/wages");
  v1::Indicator indicator;
  EXPECT_EQ(Ask(*indicators_, &IndicatorStub::GetIndicator, request, &indicator)
                .error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(IndicatorServiceTest, SuggestsTheNearestName) {
  v1::GetIndicatorRequest request;
  request.set_name("indicators/cagro");
  v1::Indicator indicator;
  const grpc::Status status =
      Ask(*indicators_, &IndicatorStub::GetIndicator, request, &indicator);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "INDICATOR_NOT_FOUND");
  EXPECT_EQ(status.error_message(),
            "there is no indicator \"cagro\"; did you mean \"cargo\"?");
}

TEST_F(IndicatorServiceTest, ReadsAsOfAnInstantWithinBounds) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}, {"2025-02", 6}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-02", 7}}, "2025-05-01");
  v1::ReadIndicatorRequest request;
  request.set_name("indicators/cargo");
  *request.mutable_as_of() = Midnight("2025-04-01");
  request.set_first_period("2025-02");
  v1::ReadIndicatorResponse response;
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ReadIndicator, request, &response)
          .ok());
  EXPECT_EQ(response.indicator().title(), "Cargo by port");
  ASSERT_EQ(response.series_size(), 1);
  ASSERT_EQ(response.series(0).observations_size(), 1);
  EXPECT_EQ(response.series(0).observations(0).period(), "2025-02");
  EXPECT_EQ(response.series(0).observations(0).value(), 6);
  request.clear_as_of();
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ReadIndicator, request, &response)
          .ok());
  EXPECT_EQ(response.series(0).observations(0).value(), 7);
}

TEST_F(IndicatorServiceTest, SaysWhichMemberIsMissingSinceWhen) {
  Redefine("expression: \"sum by (port) (cargo_tonnes)\"",
           "expression: \"sum(cargo_tonnes)\" "
           "members { label: \"port\" value: \"A\" value: \"B\" }");
  Write("cargo_tonnes", "A", {{"2025-01", 1}, {"2025-02", 2}});
  Write("cargo_tonnes", "B", {{"2025-01", 5}});
  v1::ReadIndicatorRequest request;
  request.set_name("indicators/cargo");
  v1::ReadIndicatorResponse response;
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ReadIndicator, request, &response)
          .ok());
  ASSERT_EQ(response.series_size(), 1);
  EXPECT_EQ(response.series(0).observations_size(), 1);
  EXPECT_THAT(response.indicator().notes(),
              ElementsAre(HasSubstr("port \"B\" is missing since 2025-02")));
  ASSERT_EQ(response.indicator().members_size(), 1);
  EXPECT_EQ(response.indicator().members(0).label(), "port");
  EXPECT_THAT(response.indicator().members(0).values(), ElementsAre("A", "B"));
}

TEST_F(IndicatorServiceTest, SaysAsOfWhenItsValuesAre) {
  Write("wage_usd", "A", {{"2025-01", 5}}, "2025-03-01");
  v1::ReadIndicatorRequest request;
  request.set_name("indicators/wages");
  *request.mutable_as_of() = Midnight("2025-04-01");
  v1::ReadIndicatorResponse response;
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ReadIndicator, request, &response)
          .ok());
  EXPECT_EQ(response.indicator().as_of().seconds(),
            Midnight("2025-04-01").seconds());
  EXPECT_EQ(
      absl::FromUnixSeconds(GetIndicator("indicators/wages").as_of().seconds()),
      clock_.Now());
}

TEST_F(IndicatorServiceTest, ReadingABrokenIndicatorSaysWhatIsWrongWithIt) {
  v1::ReadIndicatorRequest request;
  request.set_name("indicators/lost");
  v1::ReadIndicatorResponse response;
  const grpc::Status status =
      Ask(*indicators_, &IndicatorStub::ReadIndicator, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("test.textproto:52:"));
}

TEST_F(IndicatorServiceTest, ListsByNameOverPages) {
  v1::ListIndicatorsRequest request;
  request.set_page_size(2);
  EXPECT_THAT(List(request), ElementsAre("cargo", "cargo_growth", "lost",
                                         "ships_in_harbour", "wages"));
}

TEST_F(IndicatorServiceTest, OrdersByTopicOrPipelineBothWaysOverPages) {
  v1::ListIndicatorsRequest request;
  request.set_page_size(1);
  request.set_order_by("topic");
  EXPECT_THAT(List(request), ElementsAre("lost", "cargo_growth", "cargo",
                                         "ships_in_harbour", "wages"));
  request.set_order_by("pipeline desc");
  EXPECT_THAT(List(request), ElementsAre("wages", "cargo_growth", "cargo",
                                         "ships_in_harbour", "lost"));
}

TEST_F(IndicatorServiceTest, RefusesAnUnknownOrder) {
  v1::ListIndicatorsRequest request;
  request.set_order_by("title");
  v1::ListIndicatorsResponse response;
  EXPECT_EQ(ViolationOf(Ask(*indicators_, &IndicatorStub::ListIndicators,
                            request, &response)),
            "order_by: \"title\" is not name, topic or pipeline, with or "
            "without \" desc\"");
}

TEST_F(IndicatorServiceTest, FiltersByEveryField) {
  EXPECT_THAT(ListFiltered("topic=\"sea trade\""),
              ElementsAre("cargo", "ships_in_harbour"));
  EXPECT_THAT(ListFiltered("pipeline=harbour"),
              ElementsAre("ships_in_harbour"));
  EXPECT_THAT(ListFiltered("pipeline=pipelines/harbour"),
              ElementsAre("ships_in_harbour"));
  EXPECT_THAT(ListFiltered("unit=USD"), ElementsAre("wages"));
  EXPECT_THAT(ListFiltered("name:CARGO"), ElementsAre("cargo", "cargo_growth"));
  EXPECT_THAT(ListFiltered("title:\"by port\""), ElementsAre("cargo"));
  EXPECT_THAT(ListFiltered("topic=\"sea trade\" AND unit=1"),
              ElementsAre("ships_in_harbour"));
  EXPECT_THAT(ListFiltered("topic=nothing"), IsEmpty());
}

TEST_F(IndicatorServiceTest, NamesTheColumnAndTheTermOfABadFilter) {
  EXPECT_EQ(FilterRefusal("unit=USD AND topix=x"),
            "filter: column 14: \"topix=\" is not a term of this filter "
            "(topic=, pipeline=, unit=, name:, title:); did you mean "
            "\"topic=\"?");
  EXPECT_THAT(FilterRefusal("unit=\"USD//\""),
              HasSubstr("filter: column 1: unit "));
  EXPECT_EQ(FilterRefusal("topic=sea trade"),
            "filter: column 11: expected AND; put a value with spaces in "
            "quotes");
}

TEST_F(IndicatorServiceTest, ListsWithValuesAsOfAnInstant) {
  Write("cargo_tonnes", "A", {{"2025-01", 5}}, "2025-03-01");
  v1::ListIndicatorsRequest request;
  request.set_filter("name:cargo AND topic=\"sea trade\"");
  *request.mutable_as_of() = Midnight("2025-02-01");
  v1::ListIndicatorsResponse response;
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ListIndicators, request, &response)
          .ok());
  EXPECT_EQ(response.indicators(0).summaries(0).error(), "no data yet");
  *request.mutable_as_of() = Midnight("2025-04-01");
  ASSERT_TRUE(
      Ask(*indicators_, &IndicatorStub::ListIndicators, request, &response)
          .ok());
  EXPECT_EQ(response.indicators(0).summaries(0).last().value(), 5);
}

}  // namespace
}  // namespace headway::service
