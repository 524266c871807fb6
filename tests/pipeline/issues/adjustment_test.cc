#include "daemon/pipeline/issues/adjustment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "tests/pipeline/manager_fixture.h"
#include "tests/support/status_matchers.h"

namespace headway::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kAdjustable[] = R"(
pipeline {
  name: "push"
  indicator {
    name: "exports" expression: "exports_usd" unit: "USD"
    forecast { bounds: BOUNDS_NON_NEGATIVE }
  }
})";

// Two steps, with quantiles 0.1, 0.5 and 0.9 at 10 below the point, at it, and
// 10 above.
v1::Forecast ForecastToAdjust(const std::string& partner = "") {
  v1::Forecast forecast;
  forecast.set_method("auto");
  forecast.set_frequency(v1::MONTHLY);
  forecast.set_unit("USD");
  forecast.mutable_last()->set_period("2021-12");
  forecast.mutable_last()->set_value(123);
  forecast.mutable_backtest()->set_origins(3);
  if (!partner.empty()) (*forecast.mutable_labels())["partner"] = partner;
  for (const auto& [period, point] :
       {std::pair("2022-01", 130.0), {"2022-02", 131.0}}) {
    v1::ForecastStep& step = *forecast.add_steps();
    step.set_period(period);
    step.set_point(point);
    step.set_mean(point + 1);
    for (const auto& [probability, distance] :
         {std::pair(0.1, -10), {0.5, 0}, {0.9, 10}}) {
      v1::Quantile& quantile = *step.add_quantiles();
      quantile.set_probability(probability);
      quantile.set_value(point + distance);
    }
  }
  return forecast;
}

v1::AdjustForecastRequest RequestByHand(const std::string& period,
                                        double point) {
  v1::AdjustForecastRequest request;
  request.set_author("Ada");
  request.set_reason("a plant closed");
  v1::AdjustedStep& step = *request.add_steps();
  step.set_period(period);
  step.set_point(point);
  return request;
}

TEST(AdjustTest, TheDistributionMovesWithThePoint) {
  const auto adjusted =
      Adjust(ForecastToAdjust(), RequestByHand("2022-02", 101), {});
  ASSERT_TRUE(adjusted.ok()) << adjusted.status();
  EXPECT_EQ(adjusted->steps(0).point(), 130);
  EXPECT_EQ(adjusted->steps(1).point(), 101);
  EXPECT_EQ(adjusted->steps(1).mean(), 102);
  EXPECT_EQ(adjusted->steps(1).quantiles(0).value(), 91);
  EXPECT_EQ(adjusted->steps(1).quantiles(2).value(), 111);
}

TEST(AdjustTest, SaysWhoAndWhyAndIsAMethodOfItsOwn) {
  const auto adjusted =
      Adjust(ForecastToAdjust(), RequestByHand("2022-02", 101), {});
  ASSERT_TRUE(adjusted.ok()) << adjusted.status();
  EXPECT_EQ(adjusted->method(), "by_hand");
  EXPECT_EQ(adjusted->adjustment().author(), "Ada");
  EXPECT_EQ(adjusted->adjustment().reason(), "a plant closed");
  EXPECT_FALSE(adjusted->has_backtest());
}

TEST(AdjustTest, WhatMovesBeyondABoundStopsThere) {
  const auto adjusted =
      Adjust(ForecastToAdjust(), RequestByHand("2022-01", 4), {.lower = 0});
  ASSERT_TRUE(adjusted.ok()) << adjusted.status();
  EXPECT_EQ(adjusted->steps(0).quantiles(0).value(), 0);
  EXPECT_EQ(adjusted->steps(0).quantiles(1).value(), 4);
}

TEST(AdjustTest, QuantilesReplaceTheDistribution) {
  v1::AdjustForecastRequest request = RequestByHand("2022-01", 0);
  request.mutable_steps(0)->clear_point();
  for (const auto& [probability, value] :
       {std::pair(0.1, 90), {0.5, 100}, {0.9, 150}}) {
    v1::Quantile& quantile = *request.mutable_steps(0)->add_quantiles();
    quantile.set_probability(probability);
    quantile.set_value(value);
  }
  const auto adjusted = Adjust(ForecastToAdjust(), request, {});
  ASSERT_TRUE(adjusted.ok()) << adjusted.status();
  EXPECT_EQ(adjusted->steps(0).point(), 100);
  EXPECT_EQ(adjusted->steps(0).quantiles(2).value(), 150);
}

TEST(AdjustTest, NamesWhatIsWrong) {
  const auto expect = [](const v1::AdjustForecastRequest& request,
                         const std::string& what) {
    EXPECT_THAT(Adjust(ForecastToAdjust(), request, {.lower = 0}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what)));
  };
  v1::AdjustForecastRequest nobody = RequestByHand("2022-01", 1);
  nobody.set_author(" ");
  expect(nobody, "author: is empty");
  expect(RequestByHand("2023-01", 1),
         "no step \"2023-01\"; it has 2022-01 to 2022-02");
  expect(RequestByHand("2022-01", -1), "below the bound 0 of the indicator");
  expect(RequestByHand("2022-01", std::numeric_limits<double>::infinity()),
         "give a finite number");
  v1::AdjustForecastRequest twice = RequestByHand("2022-01", 1);
  *twice.add_steps() = twice.steps(0);
  expect(twice, "2022-01 is given twice");
  v1::AdjustForecastRequest few = RequestByHand("2022-01", 1);
  few.mutable_steps(0)->add_quantiles()->set_probability(0.5);
  expect(few, "has 1 quantiles; give all 3");
}

class AdjustNewestIssueTest : public PipelineManagerTest {
 protected:
  AdjustNewestIssueTest() {
    Define("p.textproto", kAdjustable);
    CreateEngine();
  }

  void Issue(const std::vector<std::string>& partners) {
    store::Batch batch;
    for (const std::string& partner : partners) {
      v1::Forecast forecast = ForecastToAdjust(partner);
      *forecast.mutable_issue_time() = messages::ToTimestamp(clock_.Now());
      batch.records.push_back(
          ArchiveForecast("exports", batch.records.size(), forecast));
    }
    ASSERT_TRUE(store_->Commit(batch).ok());
    clock_.Advance(absl::Hours(1));
  }
  static v1::AdjustForecastRequest Of(const std::string& partner,
                                      double point) {
    v1::AdjustForecastRequest request = RequestByHand("2022-01", point);
    (*request.mutable_labels())["partner"] = partner;
    return request;
  }
  std::vector<v1::Forecast> Newest() {
    const auto page = LatestIssue(*store_->NewReader(), "exports", {});
    EXPECT_TRUE(page.ok()) << page.status();
    return ParseForecasts(*page).value();
  }
};

TEST_F(AdjustNewestIssueTest, TheOthersOfTheIssueAreCarriedOn) {
  Issue({"CHN", "TWN"});
  const std::string original = Newest()[0].name();
  ASSERT_TRUE(manager_->AdjustForecast("exports", Of("TWN", 99)).ok());
  const std::vector<v1::Forecast> newest = Newest();
  ASSERT_THAT(newest, SizeIs(2));
  EXPECT_EQ(newest[0].carried_from(), original);
  EXPECT_EQ(newest[0].steps(0).point(), 130);
  EXPECT_EQ(newest[1].carried_from(), "");
  EXPECT_EQ(newest[1].steps(0).point(), 99);
}

TEST_F(AdjustNewestIssueTest, TheIssueBeforeStaysAsItWas) {
  Issue({"CHN"});
  const absl::Time before = clock_.Now();
  ASSERT_TRUE(manager_->AdjustForecast("exports", Of("CHN", 99)).ok());
  const auto page = LatestIssue(*store_->NewReader(), "exports",
                                {.as_of = before - absl::Microseconds(1)});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(ParseForecasts(*page).value()[0].steps(0).point(), 130);
}

TEST_F(AdjustNewestIssueTest, ASecondChangeKeepsTheFirst) {
  Issue({"CHN", "TWN"});
  ASSERT_TRUE(manager_->AdjustForecast("exports", Of("TWN", 99)).ok());
  ASSERT_TRUE(manager_->AdjustForecast("exports", Of("CHN", 50)).ok());
  EXPECT_EQ(Newest()[0].steps(0).point(), 50);
  EXPECT_EQ(Newest()[1].steps(0).point(), 99);
  EXPECT_EQ(Newest()[1].method(), "by_hand");
}

TEST_F(AdjustNewestIssueTest, RefusesAForecastThatIsNotTheNewest) {
  Issue({"CHN"});
  v1::AdjustForecastRequest request = Of("CHN", 99);
  request.set_adjusted("indicators/exports/forecasts/old");
  EXPECT_THAT(manager_->AdjustForecast("exports", request),
              StatusIs(absl::StatusCode::kAborted,
                       HasSubstr("is not the newest forecast any more")));
}

TEST_F(AdjustNewestIssueTest, NamesASeriesThatWasNotForecast) {
  Issue({"CHN"});
  EXPECT_THAT(manager_->AdjustForecast("exports", Of("KOR", 99)),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("{KOR}")));
}

TEST_F(AdjustNewestIssueTest, KeepsToTheBoundsOfTheIndicator) {
  Issue({"CHN"});
  EXPECT_THAT(manager_->AdjustForecast("exports", Of("CHN", -5)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("below the bound 0")));
}

}  // namespace
}  // namespace headway::pipeline
