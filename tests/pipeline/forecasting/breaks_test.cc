#include "daemon/pipeline/forecasting/breaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "daemon/pipeline/forecasting/forecasting.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using forecast::BreakKind;

series::Period Of(const char* text) {
  return series::ParsePeriod(text).value();
}

// Monthly from 2020-01; about 100, and about 150 from `position` on.
series::Observations SteppedMonths(int size, int position) {
  forecast::NormalGenerator normal(1);
  series::Observations x;
  for (int t = 0; t < size; ++t) {
    x.ordinals.push_back(Of("2020-01").ordinal + t);
    x.values.push_back((t < position ? 100 : 150) + normal.Next());
  }
  return x;
}

void MarkBreak(size_t place, series::Observations& x) {
  x.statuses.resize(x.size(), series::ObservationStatus::kFinal);
  x.statuses[place] = series::ObservationStatus::kBreak;
}

MendedColumn MendedMonths(const series::Observations& x,
                          const std::vector<DeclaredBreak>& declared) {
  return MendColumn(x, series::StepAxis(x), declared, {}).value();
}

TEST(MendColumnTest, ADeclaredBreakOfTheLevelIsEstimatedAndSaid) {
  const MendedColumn column =
      MendedMonths(SteppedMonths(48, 30),
                   {{Of("2022-07"), BreakKind::kLevel, "new customs system"}});
  ASSERT_EQ(column.breaks.size(), 1);
  const v1::ForecastBreak& one = column.breaks[0];
  EXPECT_EQ(one.period(), "2022-07");
  EXPECT_EQ(one.kind(), v1::ForecastBreak::LEVEL);
  EXPECT_EQ(one.reason(), "new customs system");
  EXPECT_FALSE(one.from_data());
  EXPECT_NEAR(one.step(), 50, 2);
  EXPECT_EQ(one.values_after(), 18);
  EXPECT_NEAR(column.values[0], 150, 5);
  EXPECT_THAT(column.notes, IsEmpty());
}

TEST(MendColumnTest, ANewStartLeavesOutWhatLiesBefore) {
  const MendedColumn column = MendedMonths(
      SteppedMonths(48, 30), {{Of("2022-07"), BreakKind::kStart, ""}});
  EXPECT_EQ(column.values.size(), 18);
  EXPECT_EQ(column.first_step, Of("2022-07").ordinal);
  EXPECT_EQ(column.breaks[0].kind(), v1::ForecastBreak::START);
}

TEST(MendColumnTest, TheStatusOfAnObservationBreaksTheLevel) {
  series::Observations x = SteppedMonths(48, 30);
  MarkBreak(30, x);
  const MendedColumn column = MendedMonths(x, {});
  ASSERT_EQ(column.breaks.size(), 1);
  EXPECT_EQ(column.breaks[0].period(), "2022-07");
  EXPECT_EQ(column.breaks[0].kind(), v1::ForecastBreak::LEVEL);
  EXPECT_TRUE(column.breaks[0].from_data());
  EXPECT_NEAR(column.breaks[0].step(), 50, 2);
}

TEST(MendColumnTest, OfObservationsThatAreAllMarkedTheFirstIsTheBreak) {
  series::Observations x = SteppedMonths(48, 30);
  for (size_t i = 30; i < 48; ++i) MarkBreak(i, x);
  const MendedColumn column = MendedMonths(x, {});
  ASSERT_EQ(column.breaks.size(), 1);
  EXPECT_EQ(column.breaks[0].period(), "2022-07");
}

TEST(MendColumnTest, WhatIsDeclaredGoesBeforeTheStatus) {
  series::Observations x = SteppedMonths(48, 30);
  MarkBreak(30, x);
  const MendedColumn column =
      MendedMonths(x, {{Of("2022-07"), BreakKind::kStart, "rebased"}});
  ASSERT_EQ(column.breaks.size(), 1);
  EXPECT_EQ(column.breaks[0].kind(), v1::ForecastBreak::START);
  EXPECT_FALSE(column.breaks[0].from_data());
}

TEST(MendColumnTest, ManyMarkedObservationsBreakNothingButTheLast) {
  series::Observations x = SteppedMonths(48, 30);
  for (size_t i = 2; i < 48; i += 2) MarkBreak(i, x);
  const MendedColumn column = MendedMonths(x, {});
  EXPECT_THAT(column.notes, Contains(HasSubstr("too many for 48 values")));
  EXPECT_LE(column.breaks.size(), 5);
}

TEST(MendColumnTest, ABreakOutsideTheValuesChangesNothingAndIsSaid) {
  const series::Observations x = SteppedMonths(24, 24);
  const MendedColumn column =
      MendedMonths(x, {{Of("2019-05"), BreakKind::kLevel, ""},
                       {Of("2022-03"), BreakKind::kStart, ""}});
  EXPECT_EQ(column.values, x.values);
  EXPECT_THAT(
      column.notes,
      ElementsAre("the break of 2019-05 changes nothing: the first value is of "
                  "2020-01",
                  "the break of 2022-03 changes nothing yet: the last value is "
                  "of 2021-12"));
}

TEST(MendColumnTest, FewValuesAfterABreakAreFlagged) {
  const MendedColumn column = MendedMonths(
      SteppedMonths(48, 44), {{Of("2023-09"), BreakKind::kStart, ""}});
  EXPECT_THAT(column.notes,
              ElementsAre(HasSubstr("only 4 values since the break of 2023-09: "
                                    "how wide the interval is says more of "
                                    "series like this one")));
}

TEST(MendColumnTest, ABreakOfAnotherFrequencyIsAnError) {
  const series::Observations x = SteppedMonths(24, 24);
  EXPECT_EQ(MendColumn(x, series::StepAxis(x),
                       {{Of("2021-Q2"), BreakKind::kLevel, ""}}, {})
                .status()
                .message(),
            "break \"2021-Q2\" is quarterly, and the series is monthly; "
            "declare it by a period of the series");
}

// --- the forecast ---

v1::Forecast ForecastWith(std::vector<DeclaredBreak> declared,
                          const series::Observations& x) {
  query::LabelledColumn column;
  column.observations = x;
  ForecastTask task;
  task.definition.method = "auto";
  task.definition.breaks = std::move(declared);
  task.as_of = absl::FromUnixSeconds(1700000000);
  const auto made =
      MakeForecasts({series::Unit::Parse("USD").value(), {column}}, task);
  return (*made)[0].forecast;
}

double Width(const v1::ForecastStep& step) {
  return step.quantiles(step.quantiles_size() - 1).value() -
         step.quantiles(0).value();
}

TEST(BrokenSeriesTest, TheForecastIsOfTheLevelAfterTheBreak) {
  const v1::Forecast forecast = ForecastWith(
      {{Of("2022-07"), BreakKind::kLevel, "new"}}, SteppedMonths(48, 30));
  EXPECT_EQ(forecast.breaks_size(), 1);
  EXPECT_NEAR(forecast.steps(0).point(), 150, 3);
  EXPECT_LT(Width(forecast.steps(5)), 15);
  // The step is no anomaly any more.
  EXPECT_EQ(forecast.anomalies_size(), 0);
}

TEST(BrokenSeriesTest, WhatIsNotKnownOfTheNewLevelWidensTheInterval) {
  const v1::Forecast few = ForecastWith(
      {{Of("2023-11"), BreakKind::kLevel, "new"}}, SteppedMonths(48, 46));
  const v1::Forecast many = ForecastWith(
      {{Of("2022-07"), BreakKind::kLevel, "new"}}, SteppedMonths(48, 30));
  EXPECT_GT(Width(few.steps(0)), 1.02 * Width(many.steps(0)));
  EXPECT_LT(Width(few.steps(0)), 3 * Width(many.steps(0)));
  EXPECT_THAT(few.notes(), Contains(HasSubstr("only 2 values since the break "
                                              "of 2023-11: the level after it "
                                              "is hardly known")));
}

TEST(BrokenSeriesTest, AFewValuesAfterANewStartHaveTheIntervalOfTheirLike) {
  const v1::Forecast forecast = ForecastWith(
      {{Of("2023-08"), BreakKind::kStart, "new"}}, SteppedMonths(48, 43));
  ASSERT_GT(forecast.steps_size(), 0) << forecast.error();
  EXPECT_NEAR(forecast.steps(0).point(), 150, 5);
  EXPECT_THAT(forecast.notes(),
              Contains(HasSubstr("only 5 values: they tell little of their "
                                 "spread, which is mostly that of series like "
                                 "this one")));
}

TEST(BrokenSeriesTest, AStepThatNobodyDeclaredIsAnAnomaly) {
  const v1::Forecast forecast = ForecastWith({}, SteppedMonths(48, 30));
  ASSERT_GT(forecast.anomalies_size(), 0);
  EXPECT_EQ(forecast.anomalies(0).kind(), v1::Anomaly::LEVEL_SHIFT)
      << forecast.DebugString();
  // A shift is dated to a month.
  EXPECT_THAT(forecast.anomalies(0).period(),
              ::testing::AnyOf("2022-06", "2022-07"));
  EXPECT_EQ(forecast.breaks_size(), 0);
}

TEST(BrokenSeriesTest, AnOutlierBeforeABreakIsToldOnTheLevelOfItsTime) {
  series::Observations x = SteppedMonths(48, 30);
  x.values[10] = 130;
  const v1::Forecast forecast =
      ForecastWith({{Of("2022-07"), BreakKind::kLevel, ""}}, x);
  ASSERT_EQ(forecast.anomalies_size(), 1);
  EXPECT_NEAR(forecast.anomalies(0).observed(), 130, 1e-9);
  EXPECT_NEAR(forecast.anomalies(0).expected(), 100, 3);
}

}  // namespace
}  // namespace headway::pipeline
