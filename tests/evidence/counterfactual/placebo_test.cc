#include "daemon/evidence/counterfactual/placebo.h"

#include <gtest/gtest.h>

#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

CounterfactualInput Pair(int before, int after) {
  return {.outcome = Noise(before + after, 1, 2).col(0),
          .controls = Noise(before + after, 1, 3),
          .control_names = {"control"},
          .before = before};
}

// Estimates the number of periods before, with an error of one.
absl::StatusOr<AverageEffect> CountBefore(const CounterfactualInput& input) {
  const auto count = static_cast<double>(input.before);
  return AverageEffect{count, 1, count - 2, count + 2};
}

TEST(PlaceboDates, LeaveAThirdBeforeAndTheWindowAfter) {
  const auto dates =
      RunPlaceboDates(Pair(60, 10), {100, 1, 98, 102}, {}, CountBefore);
  ASSERT_TRUE(dates.ok()) << dates.status();
  EXPECT_EQ(dates->window, 10);
  EXPECT_EQ(dates->runs.front().before, 20);
  EXPECT_EQ(dates->runs.back().before, 50);
}

TEST(PlaceboDates, CountWindowsThatShareNoPeriod) {
  const auto dates =
      RunPlaceboDates(Pair(60, 10), {100, 1, 98, 102}, {}, CountBefore);
  EXPECT_EQ(dates->independent_folds, 4);
}

TEST(PlaceboDates, GiveNoLesserPThanTheirFoldsAllow) {
  const auto dates =
      RunPlaceboDates(Pair(60, 10), {100, 1, 98, 102}, {}, CountBefore);
  EXPECT_DOUBLE_EQ(dates->p, 0.2);
  EXPECT_DOUBLE_EQ(dates->p_floor, 0.2);
}

TEST(PlaceboDates, CountThoseAtLeastAsFarFromZero) {
  const auto dates =
      RunPlaceboDates(Pair(60, 10), {30, 1, 28, 32}, {}, CountBefore);
  // 30 to 50 of 20 to 50, and the real one.
  EXPECT_DOUBLE_EQ(dates->p, 22.0 / 32.0);
}

TEST(PlaceboDates, AreSpreadEvenlyWhereFewAreWanted) {
  const auto dates =
      RunPlaceboDates(Pair(60, 10), {30, 1, 28, 32}, {.dates = 4}, CountBefore);
  ASSERT_EQ(dates->runs.size(), 4u);
  EXPECT_EQ(dates->runs.front().before, 20);
  EXPECT_EQ(dates->runs.back().before, 50);
}

TEST(PlaceboDates, AreRefusedWhereNoneIsAdmissible) {
  EXPECT_FALSE(
      RunPlaceboDates(Pair(9, 5), {30, 1, 28, 32}, {}, CountBefore).ok());
}

}  // namespace
}  // namespace headway::evidence
