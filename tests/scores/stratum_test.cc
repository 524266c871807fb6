#include "daemon/scores/stratum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "absl/status/status.h"

namespace headway::scores {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Quantiles 0.1, 0.5 and 0.9 at 6, 10 and 14.
Outcome OutcomeOf(double actual) {
  return {10, {{0.1, 6}, {0.5, 10}, {0.9, 14}}, actual};
}

Stratum Of(const std::vector<Outcome>& outcomes,
           std::optional<double> benchmark_error = std::nullopt) {
  StratumBuilder builder;
  for (const Outcome& outcome : outcomes) {
    EXPECT_TRUE(builder.Add(outcome, benchmark_error).ok());
  }
  return builder.Build();
}

TEST(ShareBandTest, IsWilsons) {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion",
  // Statistics in Medicine 17(8), table I, method 3.
  EXPECT_NEAR(ShareBand(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(ShareBand(81, 263).high, 0.3662, 5e-5);
  EXPECT_NEAR(ShareBand(15, 148).low, 0.0624, 5e-5);
  EXPECT_NEAR(ShareBand(15, 148).high, 0.1605, 5e-5);
}

TEST(ShareBandTest, NoHitsAreNoCertainty) {
  EXPECT_EQ(ShareBand(0, 20).low, 0);
  EXPECT_NEAR(ShareBand(0, 20).high, 0.1611, 5e-5);
}

TEST(SeasonalNaiveTest, RepeatsTheLastSeason) {
  const std::vector<double> history = {1, 2, 3, 4, 5};
  EXPECT_EQ(SeasonalNaive(history, 1, 7), 5);
  EXPECT_EQ(SeasonalNaive(history, 4, 1), 2);
  EXPECT_EQ(SeasonalNaive(history, 4, 4), 5);
  EXPECT_EQ(SeasonalNaive(history, 4, 5), 2);
}

TEST(SeasonalNaiveTest, HasNothingBeforeTheHistory) {
  EXPECT_EQ(SeasonalNaive(std::vector<double>{1, 2}, 4, 1), std::nullopt);
}

TEST(StepRangeTest, FarStepsAreOneRange) {
  EXPECT_EQ(StepRangeOf(1), (StepRange{1, 1}));
  EXPECT_EQ(StepRangeOf(12), (StepRange{7, 12}));
  EXPECT_EQ(StepRangeOf(1000), (StepRange{25, 1000}));
}

TEST(StratumTest, WithoutOutcomesAllIsZero) {
  const Stratum stratum = StratumBuilder().Build();
  EXPECT_EQ(stratum.outcomes, 0);
  EXPECT_THAT(stratum.coverage, SizeIs(0));
  EXPECT_FALSE(stratum.skill.has_value());
}

TEST(StratumTest, CoverageCountsBounds) {
  const Stratum stratum = Of({OutcomeOf(6), OutcomeOf(14), OutcomeOf(14.5)});
  ASSERT_THAT(stratum.coverage, SizeIs(1));
  EXPECT_DOUBLE_EQ(stratum.coverage[0].level, 0.8);
  EXPECT_DOUBLE_EQ(stratum.coverage[0].share, 2 / 3.0);
}

TEST(StratumTest, EachPairOfQuantilesIsAnInterval) {
  const Outcome outcome = {
      0,
      {{0.025, -2}, {0.1, -1}, {0.25, -0.5}, {0.75, 0.5}, {0.9, 1}, {0.975, 2}},
      1.5};
  const Stratum stratum = Of({outcome});
  ASSERT_THAT(stratum.coverage, SizeIs(3));
  EXPECT_DOUBLE_EQ(stratum.coverage[0].level, 0.5);
  EXPECT_EQ(stratum.coverage[1].share, 0);
  EXPECT_DOUBLE_EQ(stratum.coverage[2].level, 0.95);
  EXPECT_EQ(stratum.coverage[2].share, 1);
}

TEST(StratumTest, SkillComparesTheOutcomesThatHaveABenchmark) {
  StratumBuilder builder;
  ASSERT_TRUE(builder.Add(OutcomeOf(12), 4).ok());
  ASSERT_TRUE(builder.Add(OutcomeOf(1000), std::nullopt).ok());
  EXPECT_DOUBLE_EQ(*builder.Build().skill, 0.5);
}

TEST(StratumTest, ABenchmarkThatIsNeverWrongSaysNothing) {
  EXPECT_FALSE(Of({OutcomeOf(12)}, 0).skill.has_value());
}

TEST(StratumTest, AnOutcomeBetweenQuantilesIsInOneTenth) {
  // Half way from 0.5 to 0.9.
  EXPECT_THAT(Of({OutcomeOf(12)}).pit,
              ElementsAre(0, 0, 0, 0, 0, 0, 0, 1, 0, 0));
}

TEST(StratumTest, AnOutcomeBeyondTheLastQuantileIsInWhatLiesThere) {
  const Outcome outcome = {0, {{0.2, -1}, {0.5, 0}, {0.8, 1}}, 7};
  const auto pit = Of({outcome}).pit;
  EXPECT_DOUBLE_EQ(pit[8], 0.5);
  EXPECT_DOUBLE_EQ(pit[9], 0.5);
}

TEST(StratumTest, AnAtomIsSpreadOverItsProbabilities) {
  const Outcome outcome = {0, {{0.1, -1}, {0.2, 0}, {0.6, 0}, {0.9, 3}}, 0};
  const auto pit = Of({outcome}).pit;
  EXPECT_EQ(pit[1], 0);
  for (int bin = 2; bin < 6; ++bin) EXPECT_DOUBLE_EQ(pit[bin], 0.25);
  EXPECT_EQ(pit[6], 0);
}

TEST(StratumTest, AnAtomAtABoundIsAllThatLiesBelow) {
  // Half of the distribution lies at zero.
  const Outcome outcome = {0, {{0.1, 0}, {0.5, 0}, {0.9, 3}}, 0};
  const auto pit = Of({outcome}).pit;
  for (int bin = 0; bin < 5; ++bin) EXPECT_DOUBLE_EQ(pit[bin], 0.2);
  EXPECT_EQ(pit[5], 0);
}

TEST(StratumTest, MergedStrataAreAsIfAddedToOne) {
  StratumBuilder first;
  ASSERT_TRUE(first.Add(OutcomeOf(12), 4).ok());
  first.SetScale(2);
  StratumBuilder second;
  ASSERT_TRUE(second.Add(OutcomeOf(20), 5).ok());
  second.SetScale(5);
  first.Merge(second);
  const Stratum merged = first.Build();
  EXPECT_EQ(merged.outcomes, 2);
  EXPECT_DOUBLE_EQ(merged.mean_absolute_error, 6);
  EXPECT_DOUBLE_EQ(*merged.mean_scaled_error, 1.5);
  EXPECT_DOUBLE_EQ(*merged.skill, 1 - 12 / 9.0);
  EXPECT_DOUBLE_EQ(merged.coverage[0].share, 0.5);
}

TEST(StratumTest, AnOutcomeThatCannotBeScoredIsNotAdded) {
  StratumBuilder builder;
  EXPECT_TRUE(absl::IsInvalidArgument(builder.Add({1, {}, 1}, 1)));
  EXPECT_EQ(builder.Build().outcomes, 0);
}

}  // namespace
}  // namespace headway::scores
