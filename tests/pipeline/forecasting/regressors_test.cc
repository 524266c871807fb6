#include "daemon/pipeline/forecasting/regressors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "daemon/series/observations.h"

namespace headway::pipeline {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

series::Period In(const char* text) {
  return series::ParsePeriod(text).value();
}

// Four months from `first` on, with two ahead.
SeriesWork FourMonths(const char* first,
                      std::vector<double> values = {1, 2, 3, 4}) {
  series::Observations x;
  for (int t = 0; t < 4; ++t) x.ordinals.push_back(In(first).ordinal + t);
  x.values = {1, 2, 3, 4};
  SeriesWork work = {.labels = {},
                     .frequency = series::Frequency::kMonthly,
                     .unit = "USD",
                     .axis = series::StepAxis(x),
                     .first_step = x.ordinals[0],
                     .values = std::move(values),
                     .options = {}};
  work.options.horizon = 2;
  return work;
}

RegressorSeries SeriesFrom(const char* first, const std::vector<double>& values,
                           size_t known) {
  RegressorSeries one;
  for (size_t t = 0; t < values.size(); ++t) {
    one.points[In(first).ordinal + static_cast<int32_t>(t)] = {
        values[t], t < known ? 0 : 0.5};
  }
  return one;
}

TEST(AddRegressorsTest, WorkingDaysAreThoseOfEachPeriodPastAndAhead) {
  SeriesWork work = FourMonths("2024-01");
  std::vector<std::string> notes;
  ASSERT_TRUE(
      AddRegressors({{"days", WorkingDayRegressor()}}, {}, work, notes).ok());
  EXPECT_EQ(work.options.regressors[0].name, "days");
  EXPECT_THAT(work.options.regressors[0].values,
              ElementsAre(23, 21, 21, 22, 23, 20));
  EXPECT_THAT(work.options.regressors[0].deviations, IsEmpty());
}

TEST(AddRegressorsTest, TheLunarNewYearMovesFromJanuaryToFebruary) {
  SeriesWork work = FourMonths("2023-12");
  std::vector<std::string> notes;
  ASSERT_TRUE(AddRegressors({{"new year", LunarNewYearRegressor{7, 14}}}, {},
                            work, notes)
                  .ok());
  EXPECT_THAT(work.options.regressors[0].values,
              ElementsAre(0, 0, DoubleNear(21.0 / 29, 1e-12), 0, 0, 0));
}

TEST(AddRegressorsTest, AnEventIsOneFromItsFirstToItsLastPeriod) {
  SeriesWork work = FourMonths("2024-01");
  std::vector<std::string> notes;
  ASSERT_TRUE(
      AddRegressors({{"pulse", EventRegressor{In("2024-02"), In("2024-03")}},
                     {"step", EventRegressor{In("2024-03"), {}}}},
                    {}, work, notes)
          .ok());
  EXPECT_THAT(work.options.regressors[0].values, ElementsAre(0, 1, 1, 0, 0, 0));
  EXPECT_THAT(work.options.regressors[1].values, ElementsAre(0, 0, 1, 1, 1, 1));
}

TEST(AddRegressorsTest, AnIndicatorIsAlignedByPeriodWithTheDoubtOfItsForecast) {
  SeriesWork work = FourMonths("2024-01");
  std::vector<std::string> notes;
  // It has a month more than the series, and its forecast goes on.
  const RegressorIndicators indicators = {
      {"orders",
       {absl::OkStatus(),
        {SeriesFrom("2023-12", {0, 10, 20, 30, 40, 50, 60}, 6)}}}};
  ASSERT_TRUE(AddRegressors({{"orders", IndicatorRegressor{"orders"}}},
                            indicators, work, notes)
                  .ok());
  EXPECT_THAT(work.options.regressors[0].values,
              ElementsAre(10, 20, 30, 40, 50, 60));
  EXPECT_THAT(work.options.regressors[0].deviations, ElementsAre(0, 0.5));
  EXPECT_THAT(notes, IsEmpty());
}

TEST(AddRegressorsTest, ALaterBeginAndGapsOfAnIndicatorAreSaid) {
  SeriesWork work = FourMonths("2024-01");
  std::vector<std::string> notes;
  RegressorSeries later = SeriesFrom("2024-02", {20, 30, 40, 50, 60}, 3);
  later.points.erase(In("2024-03").ordinal);
  ASSERT_TRUE(AddRegressors({{"orders", IndicatorRegressor{"orders"}}},
                            {{"orders", {absl::OkStatus(), {later}}}}, work,
                            notes)
                  .ok());
  EXPECT_EQ(work.first_step, In("2024-02").ordinal);
  EXPECT_THAT(work.values, ElementsAre(2, 3, 4));
  EXPECT_THAT(work.options.regressors[0].values,
              ElementsAre(20, 30, 40, 50, 60));
  EXPECT_THAT(
      notes,
      ElementsAre(
          "1 missing values of regressor orders are bridged by straight lines",
          "fitted from 2024-02 on: before that a regressor has no value"));
}

TEST(AddRegressorsTest, OfSeveralSeriesTheOneWithTheSameLabelsCounts) {
  SeriesWork work = FourMonths("2024-01");
  work.labels = series::Labels::Create({{"partner", "CHN"}}).value();
  std::vector<std::string> notes;
  RegressorSeries other = SeriesFrom("2024-01", {0, 0, 0, 0, 0, 0}, 4);
  RegressorSeries same = SeriesFrom("2024-01", {1, 2, 3, 4, 5, 6}, 4);
  same.labels = work.labels;
  RegressorIndicators indicators = {
      {"orders", {absl::OkStatus(), {other, same}}}};
  const std::vector<RegressorDefinition> definitions = {
      {"orders", IndicatorRegressor{"orders"}}};
  ASSERT_TRUE(AddRegressors(definitions, indicators, work, notes).ok());
  EXPECT_EQ(work.options.regressors[0].values[0], 1);
  work.labels = series::Labels::Create({{"partner", "TWN"}}).value();
  EXPECT_THAT(AddRegressors(definitions, indicators, work, notes).message(),
              HasSubstr("regressor orders has 2 series, and none with the "
                        "labels"));
}

TEST(AddRegressorsTest, AnIndicatorWithoutAForecastToTheEndIsAnError) {
  SeriesWork work = FourMonths("2024-01");
  std::vector<std::string> notes;
  EXPECT_THAT(
      AddRegressors(
          {{"orders", IndicatorRegressor{"orders"}}},
          {{"orders",
            {absl::OkStatus(), {SeriesFrom("2024-01", {1, 2, 3, 4}, 4)}}}},
          work, notes)
          .message(),
      HasSubstr("no value and no forecast for 2024-06"));
  EXPECT_THAT(
      AddRegressors({{"orders", IndicatorRegressor{"orders"}}},
                    {{"orders", {absl::FailedPreconditionError("empty"), {}}}},
                    work, notes)
          .message(),
      HasSubstr("regressor orders: empty"));
}

}  // namespace
}  // namespace headway::pipeline
