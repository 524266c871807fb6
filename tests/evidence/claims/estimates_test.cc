// Levels and slopes, against what simulated series really have.
#include "daemon/evidence/claims/estimates.h"

#include <cmath>
#include <limits>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::AllOf;
using ::testing::DoubleEq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

// An autoregression with this root around a line of `slope` by value.
std::vector<double> MakeSeries(int length, double root, double slope,
                               uint64_t seed) {
  forecast::NormalGenerator normal(seed);
  std::vector<double> values;
  double error = 0;
  for (int i = 0; i < length; ++i) {
    error = root * error + normal.Next();
    values.push_back(slope * i + error);
  }
  return values;
}

bool Holds(const Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

TEST(MeanLevelTest, IsTheMeanOfTheNewestValues) {
  const auto level = MeanLevel({100, 1, 2, 3, 4}, 4);
  ASSERT_THAT(level, IsOk());
  EXPECT_THAT(level->interval.estimate, DoubleEq(2.5));
  EXPECT_EQ(level->observations, 4);
}

TEST(MeanLevelTest, NeedsFourValuesAndAsManyAsAreAskedFor) {
  EXPECT_THAT(
      MeanLevel({1, 2, 3}, 3),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("needs 4")));
  EXPECT_THAT(
      MeanLevel({1, 2, 3, 4}, 5),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("needs 5")));
}

TEST(MeanLevelTest, HoldsTheLevelUnderNoiseInNineteenOfTwenty) {
  int held = 0;
  constexpr int kSeries = 1000;
  for (int i = 0; i < kSeries; ++i) {
    const auto level = MeanLevel(MakeSeries(40, 0, 0, i), 12);
    ASSERT_THAT(level, IsOk());
    if (Holds(level->interval, 0)) ++held;
  }
  EXPECT_THAT(held, AllOf(Ge(kSeries * 93 / 100), Le(kSeries * 97 / 100)));
}

TEST(TrendSlopeTest, FindsASlopeByYear) {
  const auto slope =
      TrendSlope(MakeSeries(120, 0, 0.5, 3), {.by_year = 12, .season = 12});
  ASSERT_THAT(slope, IsOk());
  EXPECT_NEAR(slope->interval.estimate, 6, 0.3);
  EXPECT_TRUE(Holds(slope->interval, 6));
}

TEST(TrendSlopeTest, FindsTheChangeAtAnEvent) {
  std::vector<double> values = MakeSeries(120, 0, 0.5, 4);
  for (int i = 60; i < 120; ++i) values[i] -= 20 + 0.3 * (i - 60);
  const auto change =
      TrendSlope(values, {.by_year = 12, .season = 1, .event = 60});
  ASSERT_THAT(change, IsOk());
  EXPECT_TRUE(Holds(change->interval, -3.6)) << change->interval.estimate;
  EXPECT_LT(change->interval.high, 0);
}

// Ordinary least squares holds the true slope, 0, in about 30 of 100.
TEST(TrendSlopeTest, DoesNotSeeSlopesInRandomWalks) {
  int held = 0;
  constexpr int kSeries = 60;
  for (int i = 0; i < kSeries; ++i) {
    const auto slope =
        TrendSlope(MakeSeries(80, 1, 0, 100 + i), {.by_year = 12});
    ASSERT_THAT(slope, IsOk());
    if (Holds(slope->interval, 0)) ++held;
  }
  EXPECT_THAT(held, Ge(kSeries * 85 / 100));
}

TEST(TrendSlopeTest, SeesSmallSlopesUnderNoise) {
  int seen = 0;
  constexpr int kSeries = 60;
  for (int i = 0; i < kSeries; ++i) {
    // Five standard errors of ordinary least squares.
    const auto slope =
        TrendSlope(MakeSeries(80, 0, 0.024, 200 + i), {.by_year = 1});
    ASSERT_THAT(slope, IsOk());
    if (slope->interval.low > 0) ++seen;
  }
  EXPECT_THAT(seen, Ge(kSeries * 80 / 100));
}

TEST(TrendSlopeTest, LeavesOutMissingValues) {
  std::vector<double> values = MakeSeries(60, 0, 1, 5);
  for (int i = 20; i < 30; ++i) {
    values[i] = std::numeric_limits<double>::quiet_NaN();
  }
  const auto slope = TrendSlope(values, {.by_year = 1});
  ASSERT_THAT(slope, IsOk());
  EXPECT_EQ(slope->observations, 50);
  EXPECT_TRUE(Holds(slope->interval, 1));
}

TEST(TrendSlopeTest, NeedsEnoughOnBothSidesOfTheEvent) {
  EXPECT_THAT(
      TrendSlope(MakeSeries(40, 0, 1, 6), {.by_year = 12, .event = 36}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("36 values before the event and 4 from it on")));
  EXPECT_THAT(TrendSlope(MakeSeries(9, 0, 1, 6), {.by_year = 12}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("a slope needs 10")));
}

TEST(TrendSlopeTest, RefusesALineWithoutErrors) {
  std::vector<double> values;
  for (int i = 0; i < 30; ++i) values.push_back(2.0 * i);
  EXPECT_THAT(TrendSlope(values, {.by_year = 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("lie on a line")));
}

TEST(TrendSlopeTest, TheSameValuesGiveTheSameBits) {
  const std::vector<double> values = MakeSeries(50, 0.8, 0.1, 7);
  const auto once = TrendSlope(values, {.by_year = 4, .season = 4});
  const auto again = TrendSlope(values, {.by_year = 4, .season = 4});
  ASSERT_THAT(once, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(once->standard_error, again->standard_error);
}

TEST(ProbabilityOfTest, AgreesWithTheInterval) {
  Estimate estimate;
  estimate.interval = {1.959964, 0, 3.92};
  estimate.standard_error = 1;
  EXPECT_NEAR(ProbabilityOf(estimate, Side::kAbove, 0), 0.975, 1e-6);
  EXPECT_NEAR(ProbabilityOf(estimate, Side::kBelow, 0), 0.025, 1e-6);
}

TEST(SmallestDetectableTest, IsWhatATestOfFivePercentSeesInFourOfFive) {
  Estimate estimate;
  estimate.standard_error = 2;
  EXPECT_NEAR(SmallestDetectable(estimate), 2 * (1.959964 + 0.841621), 1e-5);
}

}  // namespace
}  // namespace headway::evidence
