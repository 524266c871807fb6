#include "daemon/query/transform.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

TEST(LagTest, MovesValuesLaterButNotBeyondTheLastPeriod) {
  EXPECT_EQ(Text(Lag(From("2024-01", {1, 2, 3, 4}), 2)), "2024-03=1 2024-04=2");
}

TEST(LagTest, IsEmptyIfTheStepIsLongerThanTheColumn) {
  EXPECT_TRUE(Lag(From("2024-01", {1, 2}), 2).empty());
}

TEST(LagTest, KeepsTheVintage) {
  EXPECT_EQ(Lag(From("2024", {1, 2}, Midnight(2026, 5, 4)), 1).known_at,
            Midnight(2026, 5, 4));
}

TEST(DifferenceTest, SubtractsTheValueAStepBefore) {
  EXPECT_EQ(Text(Difference(From("2024-Q1", {1, 4, 9, 16}), 2)),
            "2024-Q3=8 2024-Q4=12");
}

TEST(DifferenceTest, IsAbsentWhereEitherPeriodIs) {
  EXPECT_EQ(
      Text(Difference(
          At({{"2024-01", 1}, {"2024-02", 2}, {"2024-04", 7}, {"2024-05", 9}}),
          1)),
      "2024-02=1 2024-05=2");
}

TEST(PercentChangeTest, IsRelativeToTheValueAStepBefore) {
  EXPECT_EQ(Text(PercentChange(From("2024-01", {50, 75, 60}), 1)),
            "2024-02=50 2024-03=-20");
}

TEST(PercentChangeTest, IsAbsentAgainstZeroAndNegativeNumbers) {
  EXPECT_EQ(Text(PercentChange(From("2024-01", {0, 5, -5, 5, 10}), 1)),
            "2024-03=-200 2024-05=100");
}

TEST(YearStepTest, KeepsTheDayOfTheWeek) {
  using series::Frequency;
  EXPECT_EQ(StepOfOneYear(Frequency::kAnnual), 1);
  EXPECT_EQ(StepOfOneYear(Frequency::kQuarterly), 4);
  EXPECT_EQ(StepOfOneYear(Frequency::kMonthly), 12);
  EXPECT_EQ(StepOfOneYear(Frequency::kWeekly), 52);
  EXPECT_EQ(StepOfOneYear(Frequency::kDaily), 52 * 7);
}

TEST(RollingMeanTest, NeedsEveryPeriodOfTheWindow) {
  EXPECT_EQ(Text(RollingMean(At({{"2024-01", 1},
                                 {"2024-02", 2},
                                 {"2024-03", 6},
                                 {"2024-05", 1},
                                 {"2024-06", 3},
                                 {"2024-07", 5}}),
                             3)),
            "2024-03=3 2024-07=3");
}

TEST(RollingMeanTest, AveragesTheDaysThatAreThere) {
  // From Thursday to Tuesday, over a weekend.
  EXPECT_EQ(Text(RollingMean(At({{"2024-03-07", 1},
                                 {"2024-03-08", 3},
                                 {"2024-03-11", 8},
                                 {"2024-03-12", 10}}),
                             4)),
            "2024-03-11=5.5 2024-03-12=9");
}

TEST(RollingMeanTest, KeepsNoErrorOfALargeValueThatHasLeft) {
  EXPECT_EQ(Text(RollingMean(From("2024-01", {1e26, 1, 2, 4, 6}), 2)),
            "2024-02=5e+25 2024-03=1.5 2024-04=3 2024-05=5");
}

TEST(CumulativeTest, RunsOverThePeriodsThatAreThere) {
  const auto x = At({{"2024-01-05", 2}, {"2024-02-09", 1}, {"2024-02-10", 3}});
  EXPECT_EQ(Text(CumulativeSum(x)), "2024-01-05=2 2024-02-09=3 2024-02-10=6");
  EXPECT_EQ(Text(CumulativeMax(x)), "2024-01-05=2 2024-02-09=2 2024-02-10=3");
}

TEST(CumulativeTest, LeavesOutASumThatOverflows) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(CumulativeSum(From("2024", {most, most})).size(), 1u);
}

TEST(FillTest, CarriesTheValueBeforeIntoGapsOnly) {
  EXPECT_EQ(Text(Fill(At({{"2024-01", 1}, {"2024-04", 2}, {"2024-05", 3}}))),
            "2024-01=1 2024-02=1 2024-03=1 2024-04=2 2024-05=3");
}

TEST(RebaseTest, MakesTheBasePeriodTheLevel) {
  const int32_t base = series::ParsePeriod("2024-02").value().ordinal;
  EXPECT_EQ(Text(Rebase(From("2024-01", {10, 20, 30}), base, 100)),
            "2024-01=50 2024-02=100 2024-03=150");
}

TEST(RebaseTest, IsEmptyWithoutAPositiveValueAtTheBase) {
  const int32_t base = series::ParsePeriod("2024-02").value().ordinal;
  EXPECT_TRUE(Rebase(From("2024-03", {1, 2}), base, 100).empty());
  EXPECT_TRUE(Rebase(From("2024-01", {1, 0, 2}), base, 100).empty());
  EXPECT_TRUE(Rebase(From("2024-01", {1, -1, 2}), base, 100).empty());
}

}  // namespace
}  // namespace headway::query
