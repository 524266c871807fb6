#include "daemon/series/step_axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace headway::series {
namespace {

using ::testing::ElementsAre;

// Values on the days from 2024-01-01, a Monday, on which `has` says so.
Observations Days(int count, const std::function<bool(int weekday)>& has) {
  const int32_t first = ParsePeriod("2024-01-01")->ordinal;
  Observations days{.frequency = Frequency::kDaily};
  for (int i = 0; i < count; ++i) {
    if (!has(i % 7)) continue;
    days.ordinals.push_back(first + i);
    days.values.push_back(i);
  }
  return days;
}

std::vector<std::string> NextDays(const Observations& days, int count) {
  const StepAxis axis(days);
  const int32_t last = axis.StepOf(days.ordinals.back());
  std::vector<std::string> next;
  for (int i = 1; i <= count; ++i) {
    next.push_back(FormatPeriod({Frequency::kDaily, axis.OrdinalOf(last + i)}));
  }
  return next;
}

TEST(StepAxisTest, LeavesOutWeekendsThatASeriesNeverHas) {
  const Observations days = Days(40, [](int weekday) { return weekday < 5; });
  EXPECT_TRUE(StepAxis(days).leaves_out_days());
  EXPECT_EQ(StepAxis(days).season(), 5);
  // The last is Friday 2024-02-09.
  EXPECT_THAT(NextDays(days, 2), ElementsAre("2024-02-12", "2024-02-13"));
}

TEST(StepAxisTest, LeavesOutTheDaysThatOtherCountriesRest) {
  const Observations days =
      Days(42, [](int weekday) { return weekday != 4 && weekday != 5; });
  // The last is Sunday 2024-02-11.
  EXPECT_THAT(NextDays(days, 5),
              ElementsAre("2024-02-12", "2024-02-13", "2024-02-14",
                          "2024-02-15", "2024-02-18"));
}

TEST(StepAxisTest, KeepsEveryDayOfASeriesThatHasAWeekend) {
  Observations days = Days(40, [](int weekday) { return weekday < 6; });
  days.ordinals.push_back(ParsePeriod("2024-02-18")->ordinal);
  days.values.push_back(1);
  EXPECT_FALSE(StepAxis(days).leaves_out_days());
  EXPECT_EQ(StepAxis(days).season(), 7);
}

TEST(StepAxisTest, KeepsEveryDayOfAShortOrSparseSeries) {
  EXPECT_FALSE(StepAxis(Days(12, [](int weekday) {
                 return weekday < 5;
               })).leaves_out_days());
  Observations sparse{.frequency = Frequency::kDaily};
  const int32_t first = ParsePeriod("2024-01-01")->ordinal;
  for (const int day : {0, 1, 30, 38, 64}) {
    sparse.ordinals.push_back(first + day);
    sparse.values.push_back(1);
  }
  EXPECT_FALSE(StepAxis(sparse).leaves_out_days());
}

TEST(StepAxisTest, KeepsEveryPeriodOfOtherFrequencies) {
  Observations months{.frequency = Frequency::kMonthly};
  for (int i = 0; i < 60; i += 7) {
    months.ordinals.push_back(i);
    months.values.push_back(1);
  }
  const StepAxis axis(months);
  EXPECT_EQ(axis.StepOf(14), 14);
  EXPECT_EQ(axis.season(), 12);
}

TEST(StepAxisTest, StepsAndDaysAgreeBeforeAndAfterTheEpoch) {
  const StepAxis axis(Days(40, [](int weekday) { return weekday < 5; }));
  for (int32_t step = -50; step < 50; ++step) {
    EXPECT_EQ(axis.StepOf(axis.OrdinalOf(step)), step);
  }
}

}  // namespace
}  // namespace headway::series
