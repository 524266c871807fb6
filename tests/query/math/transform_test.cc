#include "daemon/query/math/transform.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/query/columns.h"

namespace headway::query {
namespace {

TEST(LagTest, KeepsTheVintage) {
  EXPECT_EQ(Lag(From("2024", {1, 2}, Midnight(2026, 5, 4)), 1).known_at,
            Midnight(2026, 5, 4));
}

TEST(YearStepTest, KeepsTheDayOfTheWeek) {
  using series::Frequency;
  EXPECT_EQ(StepOfOneYear(Frequency::kAnnual), 1);
  EXPECT_EQ(StepOfOneYear(Frequency::kQuarterly), 4);
  EXPECT_EQ(StepOfOneYear(Frequency::kMonthly), 12);
  EXPECT_EQ(StepOfOneYear(Frequency::kWeekly), 52);
  EXPECT_EQ(StepOfOneYear(Frequency::kDaily), 52 * 7);
}

TEST(CumulativeTest, LeavesOutASumThatOverflows) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(CumulativeSum(From("2024", {most, most})).size(), 1u);
}

}  // namespace
}  // namespace headway::query
