#include "daemon/ingest/protocol/forecast_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/status_matchers.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A share of two steps at three probabilities, and an answer in order.
class ForecastAnswerTest : public ::testing::Test {
 protected:
  ForecastAnswerTest() {
    table_.set_horizon(2);
    for (double p : {0.1, 0.5, 0.9}) table_.add_probabilities(p);
    series_.set_id("0");
    (*series_.mutable_labels())["partner"] = "CHN";
    series_.set_lower(0);
    series_.set_upper(100);
    series_.add_ahead("2024-01");
    series_.add_ahead("2024-02");
    answer_.set_series("0");
    for (double from : {10.0, 20.0}) {
      plugin::v1::ForecastStep& step = *answer_.add_steps();
      for (int q = 0; q < 3; ++q) step.add_quantiles(from + q);
    }
  }

  absl::StatusOr<ModelForecast> Check() const {
    return CheckSeriesForecast(answer_, series_, table_);
  }
  void ExpectRefused(absl::string_view what) const {
    EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInternal,
                                  HasSubstr(std::string(what))));
  }

  plugin::v1::ForecastTable table_;
  plugin::v1::SeriesToForecast series_;
  plugin::v1::SeriesForecast answer_;
};

TEST_F(ForecastAnswerTest, StepsWithoutAPointHaveTheMedian) {
  const auto forecast = Check();
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_THAT(forecast->point, ElementsAre(11, 21));
  EXPECT_THAT(forecast->quantiles[1], ElementsAre(20, 21, 22));
}

TEST_F(ForecastAnswerTest, TheMedianLiesBetweenTheQuantilesNextToIt) {
  table_.clear_probabilities();
  for (double p : {0.1, 0.4, 0.8}) table_.add_probabilities(p);
  const auto forecast = Check();
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_DOUBLE_EQ(forecast->point[0], 11.25);
}

TEST_F(ForecastAnswerTest, PathsBecomeTheirQuantiles) {
  answer_.clear_steps();
  for (int i = 0; i <= 100; ++i) {
    plugin::v1::ForecastPath& path = *answer_.add_paths();
    path.add_values(i / 2.0);
    path.add_values(100 - i);
  }
  const auto forecast = Check();
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_THAT(forecast->quantiles[0], ElementsAre(5, 25, 45));
  EXPECT_THAT(forecast->quantiles[1], ElementsAre(10, 50, 90));
  EXPECT_THAT(forecast->point, ElementsAre(25, 50));
}

TEST_F(ForecastAnswerTest, AnErrorNamesSeriesStepValueAndRemedy) {
  answer_.mutable_steps(1)->set_quantiles(2, 120);
  EXPECT_THAT(Check(), StatusIs(absl::StatusCode::kInternal,
                                AllOf(HasSubstr("(partner=\"CHN\")"),
                                      HasSubstr("step 2 (2024-02)"),
                                      HasSubstr("the quantile 0.9 is 120"),
                                      HasSubstr("above the bound 100; keep"))));
}

TEST_F(ForecastAnswerTest, RefusesWhatIsNotFinite) {
  answer_.mutable_steps(0)->set_quantiles(
      1, std::numeric_limits<double>::quiet_NaN());
  ExpectRefused("answer with finite numbers");
}

TEST_F(ForecastAnswerTest, RefusesQuantilesThatFall) {
  answer_.mutable_steps(0)->set_quantiles(1, 9);
  ExpectRefused("the quantile 0.5 is 9, less than 10 at 0.1");
}

TEST_F(ForecastAnswerTest, RefusesAPointOutsideItsQuantiles) {
  answer_.mutable_steps(0)->set_point(13);
  ExpectRefused("the point 13 is not between the first quantile, 10");
}

TEST_F(ForecastAnswerTest, RefusesAMeanOutsideTheBounds) {
  answer_.mutable_steps(0)->set_mean(-1);
  ExpectRefused("the mean is -1, below the bound 0");
}

TEST_F(ForecastAnswerTest, RefusesAnotherNumberOfQuantiles) {
  answer_.mutable_steps(0)->mutable_quantiles()->RemoveLast();
  ExpectRefused("has 2 quantiles; give one for each of the 3 probabilities");
}

TEST_F(ForecastAnswerTest, RefusesAnotherNumberOfSteps) {
  answer_.mutable_steps()->RemoveLast();
  ExpectRefused("has 1 steps; give one for each of the 2 periods ahead");
}

TEST_F(ForecastAnswerTest, RefusesFewPaths) {
  answer_.clear_steps();
  answer_.add_paths();
  ExpectRefused("has 1 paths; give at least 100");
}

TEST_F(ForecastAnswerTest, RefusesStepsTogetherWithPaths) {
  answer_.add_paths();
  ExpectRefused("has both steps and paths");
}

TEST_F(ForecastAnswerTest, RefusesAPathOfAnotherLength) {
  answer_.clear_steps();
  for (int i = 0; i < 100; ++i) answer_.add_paths()->add_values(1);
  ExpectRefused("path 1 has 1 values; give one for each of the 2 periods");
}

TEST_F(ForecastAnswerTest, WhatTheModelCannotForecastIsNoBreach) {
  answer_.set_error("too short");
  EXPECT_THAT(Check(),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("too short")));
}

}  // namespace
}  // namespace headway::ingest
