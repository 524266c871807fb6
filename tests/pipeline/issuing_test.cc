// What is forecast anew in an issue, and what is carried on.
#include "daemon/pipeline/issuing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/messages/timestamp.h"
#include "tests/pipeline/executor_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

constexpr char kExportsOf[] = R"(
pipeline {
  name: "chips"
  indicator {
    name: "exports" expression: "exports_usd" unit: "USD"
    forecast { method: "naive" }
  }
})";

class IssuingTest : public ExecutorTest {
 protected:
  IssuingTest() {
    Load(kExportsOf);
    Push("exports_usd", Rising(36), {{"partner", "CHN"}});
    Push("exports_usd", Rising(36, 200), {{"partner", "TWN"}});
    Execute();
    first_ = Issue("exports");
  }

  std::vector<v1::Forecast> first_;
};

TEST_F(IssuingTest, OnlyTheSeriesThatChangedIsForecast) {
  Push("exports_usd", Rising(37, 200), {{"partner", "TWN"}});
  const v1::Run run = Execute();
  EXPECT_THAT(Steps(run), Contains("FORECAST exports SUCCEEDED"));
  const std::vector<v1::Forecast> second = Issue("exports");
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[0].carried_from(), first_[0].name());
  EXPECT_EQ(second[0].run(), run.name());
  EXPECT_EQ(second[1].carried_from(), "");
  EXPECT_EQ(second[1].last().value(), 236);
}

TEST_F(IssuingTest, WhatIsCarriedTwiceNamesWhereItCameFrom) {
  Push("exports_usd", Rising(37, 200), {{"partner", "TWN"}});
  Execute();
  Push("exports_usd", Rising(38, 200), {{"partner", "TWN"}});
  Execute();
  EXPECT_EQ(Issue("exports")[0].carried_from(), first_[0].name());
}

TEST_F(IssuingTest, ASeriesThatIsNewBringsTheOthersAlong) {
  Push("exports_usd", Rising(36, 300), {{"partner", "KOR"}});
  Execute();
  const std::vector<v1::Forecast> second = Issue("exports");
  ASSERT_THAT(second, SizeIs(3));
  EXPECT_EQ(second[0].carried_from(), first_[0].name());
  EXPECT_EQ(second[1].carried_from(), "");
  EXPECT_EQ(second[2].carried_from(), first_[1].name());
}

TEST_F(IssuingTest, NothingIsCarriedOfForecastsThroughInputs) {
  std::string text = kExportsOf;
  text.replace(text.find("method"), 0, "through: INDICATORS ");
  Load(text);
  Execute();
  Push("exports_usd", Rising(37, 200), {{"partner", "TWN"}});
  Execute();
  for (const v1::Forecast& forecast : Issue("exports")) {
    EXPECT_EQ(forecast.carried_from(), "");
  }
}

TEST_F(IssuingTest, AnotherDefinitionForecastsAll) {
  std::string text = kExportsOf;
  text.replace(text.find("naive"), 5, "theta");
  Load(text);
  Execute();
  for (const v1::Forecast& forecast : Issue("exports")) {
    EXPECT_EQ(forecast.method(), "theta");
    EXPECT_EQ(forecast.carried_from(), "");
  }
}

}  // namespace
}  // namespace headway::pipeline
