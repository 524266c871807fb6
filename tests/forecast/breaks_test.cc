#include "daemon/forecast/breaks.h"

#include <cmath>
#include <string>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Noise of deviation one about 100, and about 150 from `position` on.
std::vector<double> Stepped(int size, int position, uint64_t seed = 1) {
  NormalGenerator normal(seed);
  std::vector<double> values;
  for (int t = 0; t < size; ++t) {
    values.push_back((t < position ? 100 : 150) + normal.Next());
  }
  return values;
}

MendedSeries Mended(const std::vector<double>& values,
                    const std::vector<Break>& breaks,
                    const BreakOptions& options = {}) {
  return MendBreaks(values, breaks, options).value();
}

TEST(MendBreaksTest, MovesWhatLiesBeforeToTheLevelAfter) {
  const std::vector<double> values = Stepped(60, 40);
  const MendedSeries mended = Mended(values, {{40}});
  ASSERT_THAT(mended.breaks, SizeIs(1));
  const MendedBreak& step = mended.breaks[0];
  EXPECT_NEAR(step.step, 50, 1.5);
  // Of two means, of 40 and of 20 values.
  ASSERT_TRUE(step.standard_error.has_value());
  EXPECT_NEAR(*step.standard_error, std::sqrt(1.0 / 40 + 1.0 / 20), 0.15);
  EXPECT_EQ(step.values_after, 20);
  for (int t = 0; t < 40; ++t) {
    EXPECT_NEAR(mended.values[t], values[t] + step.step, 1e-9);
  }
}

TEST(MendBreaksTest, LeavesWhatLiesAfterAsItWasToTheBit) {
  const std::vector<double> values = Stepped(60, 40);
  BreakOptions options;
  options.bounds = Bounds::kNonNegative;
  const MendedSeries mended = Mended(values, {{40}}, options);
  for (int t = 40; t < 60; ++t) EXPECT_EQ(mended.values[t], values[t]);
}

TEST(MendBreaksTest, OfWhatCannotBeNegativeTheStepIsAFactor) {
  std::vector<double> values;
  NormalGenerator normal(2);
  for (int t = 0; t < 60; ++t) {
    values.push_back((t < 40 ? 1 : 3) *
                     std::exp(0.05 * t + 0.02 * normal.Next()));
  }
  BreakOptions options;
  options.bounds = Bounds::kNonNegative;
  const MendedSeries mended = Mended(values, {{40}}, options);
  EXPECT_NEAR(mended.values[0] / values[0], 3, 0.15);
  EXPECT_NEAR(mended.values[39] / values[39], 3, 0.15);
  EXPECT_NEAR(mended.breaks[0].step, 2 * values[39], 0.15 * values[39]);
}

TEST(MendBreaksTest, ASharedSeasonAndTrendAreNoPartOfTheStep) {
  std::vector<double> values;
  NormalGenerator normal(4);
  for (int t = 0; t < 96; ++t) {
    values.push_back((t < 70 ? 0 : 30) + 0.5 * t + 10 * std::sin(t * M_PI / 6) +
                     normal.Next());
  }
  BreakOptions options;
  options.season = 12;
  EXPECT_NEAR(Mended(values, {{70}}, options).breaks[0].step, 30, 2.5);
}

TEST(MendBreaksTest, EachOfSeveralBreaksHasItsOwnStep) {
  std::vector<double> values = Stepped(90, 30);
  for (int t = 60; t < 90; ++t) values[t] -= 80;
  const MendedSeries mended = Mended(values, {{60}, {30}});
  ASSERT_THAT(mended.breaks, SizeIs(2));
  EXPECT_NEAR(mended.breaks[0].step, 50, 2);
  EXPECT_NEAR(mended.breaks[1].step, -80, 2);
  EXPECT_NEAR(mended.values[0], values[0] - 30, 3);
}

TEST(MendBreaksTest, NothingBeforeANewStartIsFitted) {
  const std::vector<double> values = Stepped(60, 40);
  const MendedSeries mended =
      Mended(values, {{20, BreakKind::kLevel}, {40, BreakKind::kStart}});
  EXPECT_EQ(mended.start, 40);
  EXPECT_EQ(mended.values,
            std::vector<double>(values.begin() + 40, values.end()));
  ASSERT_THAT(mended.breaks, SizeIs(1));
  EXPECT_EQ(mended.breaks[0].kind, BreakKind::kStart);
  EXPECT_EQ(mended.breaks[0].values_after, 20);
}

TEST(MendBreaksTest, FewValuesGiveTheChangeAtTheBreakAndNoError) {
  const MendedSeries mended = Mended({1, 2, 10, 11}, {{2}});
  EXPECT_EQ(mended.breaks[0].step, 8);
  EXPECT_FALSE(mended.breaks[0].standard_error.has_value());
  EXPECT_THAT(mended.values, ElementsAre(9, 10, 10, 11));
}

TEST(MendBreaksTest, ABreakBeforeAnyValueChangesNothing) {
  const std::vector<double> values = Stepped(30, 0);
  const MendedSeries mended = Mended(values, {{0}});
  EXPECT_THAT(mended.breaks, IsEmpty());
  EXPECT_EQ(mended.values, values);
}

TEST(MendBreaksTest, OfTwoWithoutAValueBetweenThemTheLaterCountsForBoth) {
  std::vector<double> values = Stepped(60, 40);
  values[40] = std::nan("");
  const MendedSeries mended = Mended(values, {{40}, {41}});
  ASSERT_THAT(mended.breaks, SizeIs(1));
  EXPECT_EQ(mended.breaks[0].position, 41);
  EXPECT_NEAR(mended.breaks[0].step, 50, 1.5);
}

TEST(MendBreaksTest, KnowsWhatAValueWouldBeOnItsOwnLevel) {
  const std::vector<double> values = Stepped(60, 40);
  const MendedSeries mended = Mended(values, {{40}});
  EXPECT_NEAR(mended.on_own_level(3, mended.values[3]), values[3], 1e-9);
  EXPECT_EQ(mended.on_own_level(50, 7), 7);
}

TEST(MendBreaksTest, KnowsWhatTheValuesWouldBeWithAnotherStep) {
  const MendedSeries mended = Mended(Stepped(60, 55), {{55}});
  ASSERT_TRUE(mended.if_step_were_off);
  EXPECT_EQ(mended.if_step_were_off(0), mended.values);
  const std::vector<double> larger = mended.if_step_were_off(2);
  EXPECT_NEAR(larger[0] - mended.values[0],
              2 * *mended.breaks[0].standard_error, 1e-9);
  EXPECT_EQ(larger[57], mended.values[57]);
}

TEST(AddNormalErrorTest, AddsVarianceAndLeavesThePointsAndTheBounds) {
  Forecast forecast;
  forecast.point = {10};
  forecast.probabilities = {0.025, 0.5, 0.975};
  const double score = NormalQuantile(0.975);
  forecast.quantiles = {{10 - 3 * score, 10, 10 + 3 * score}};
  Forecast bounded = forecast;
  AddNormalError({4}, Bounds::kNone, forecast);
  EXPECT_THAT(forecast.quantiles[0],
              ElementsAre(DoubleNear(10 - 5 * score, 1e-9), 10,
                          DoubleNear(10 + 5 * score, 1e-9)));
  EXPECT_THAT(forecast.point, ElementsAre(10));
  AddNormalError({40}, Bounds::kNonNegative, bounded);
  EXPECT_EQ(bounded.quantiles[0][0], 0);
}

TEST(MendBreaksTest, ABreakOutsideTheSeriesOrTwiceIsAnError) {
  EXPECT_THAT(MendBreaks({1, 2, 3}, {{3}}, {}).status().message(),
              HasSubstr("lies outside the 3 values"));
  EXPECT_THAT(MendBreaks({1, 2, 3}, {{1}, {1}}, {}).status().message(),
              HasSubstr("two breaks at position 1"));
}

TEST(MendBreaksTest, CanBeStopped) {
  BreakOptions options;
  options.stopped = [] { return true; };
  EXPECT_EQ(MendBreaks(Stepped(60, 40), {{40}}, options).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace headway::forecast
