#include "daemon/scores/scores.h"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace headway::scores {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST(SeasonalNaiveErrorTest, IsTheMeanAbsoluteChangeOverASeason) {
  EXPECT_DOUBLE_EQ(SeasonalNaiveError({1, 2, 4, 8}, 1).value(), 7.0 / 3);
  EXPECT_DOUBLE_EQ(SeasonalNaiveError({1, 2, 4, 4, 9}, 2).value(), 10.0 / 3);
}

TEST(SeasonalNaiveErrorTest, LeavesMissingValuesOut) {
  EXPECT_EQ(SeasonalNaiveError({1, kMissing, 4, 8}, 1), 4);
  EXPECT_EQ(SeasonalNaiveError({1, kMissing, 4}, 1), std::nullopt);
}

TEST(SeasonalNaiveErrorTest, IsAbsentForAHistoryShorterThanASeason) {
  EXPECT_EQ(SeasonalNaiveError({1, 2, 4}, 12), std::nullopt);
  EXPECT_EQ(SeasonalNaiveError({}, 1), std::nullopt);
}

TEST(SeasonalNaiveErrorTest, IsAbsentWhereNothingChangesOverASeason) {
  EXPECT_EQ(SeasonalNaiveError({5, 5, 5}, 1), std::nullopt);
  EXPECT_EQ(SeasonalNaiveError({1, 3, 1, 3}, 2), std::nullopt);
}

TEST(QuantileLossTest, WeighsTheSidesByTheProbability) {
  EXPECT_DOUBLE_EQ(QuantileLoss(14, 10, 0.9), 0.9 * 4);
  EXPECT_DOUBLE_EQ(QuantileLoss(6, 10, 0.9), 0.1 * 4);
  EXPECT_EQ(QuantileLoss(10, 10, 0.9), 0);
}

TEST(NaiveSquaredErrorTest, LeavesMissingChangesOut) {
  const std::vector<double> values = {1, 3, kMissing, 5, 9};
  EXPECT_DOUBLE_EQ(NaiveSquaredError(values), 10);
}

// Errors 1 and 3 with a scale of 2.
TEST(PointScoresTest, AreAsWorkedByHand) {
  const std::vector<double> actuals = {4, 9, kMissing};
  const std::vector<double> points = {5, 6, 100};
  EXPECT_DOUBLE_EQ(MeanAbsoluteScaledError(actuals, points, 2), 1);
  EXPECT_DOUBLE_EQ(SymmetricPercentageError(actuals, points),
                   (200.0 / 9 + 600.0 / 15) / 2);
  EXPECT_DOUBLE_EQ(RootMeanSquaredScaledError(actuals, points, 2),
                   std::sqrt(2.5));
}

TEST(PointScoresTest, TakeZeroForZeroAsNoPercentageError) {
  const std::vector<double> zero = {0};
  EXPECT_EQ(SymmetricPercentageError(zero, zero), 0);
}

TEST(PointScoresTest, AreUndefinedWithoutActualsOrScale) {
  const std::vector<double> points = {1};
  const std::vector<double> actuals = {kMissing};
  EXPECT_TRUE(std::isnan(MeanAbsoluteScaledError(actuals, points, 1)));
  EXPECT_TRUE(std::isnan(SymmetricPercentageError(actuals, points)));
  EXPECT_TRUE(std::isnan(RootMeanSquaredScaledError(actuals, points, 1)));
  EXPECT_TRUE(std::isnan(MeanAbsoluteScaledError(points, points, 0)));
}

TEST(PointScoresTest, DoNotOverflow) {
  const std::vector<double> actuals = {1.5e308};
  const std::vector<double> points = {-1.5e308};
  EXPECT_DOUBLE_EQ(SymmetricPercentageError(actuals, points), 200);
  EXPECT_DOUBLE_EQ(MeanAbsoluteScaledError(actuals, points, 1e308), 3);
}

TEST(OverallWeightedAverageTest, IsTheMeanOfTheTwoRelativeErrors) {
  EXPECT_DOUBLE_EQ(OverallWeightedAverage({1.5, 10}, {2, 8}), 1);
}

// Width 4 each; one actual 1 below, one 0.5 above, one on the bound, and
// 2 / alpha = 40.
TEST(IntervalScoresTest, AreAsWorkedByHand) {
  const std::vector<double> actuals = {1, 6.5, 6, kMissing};
  const std::vector<double> lower = {2, 2, 2, 2};
  const std::vector<double> upper = {6, 6, 6, 6};
  const Intervals intervals = {lower, upper, 0.95};
  EXPECT_NEAR(MeanScaledIntervalScore(actuals, intervals, 2),
              (12 + 40 + 20) / 3.0 / 2, 1e-12);
  EXPECT_DOUBLE_EQ(Coverage(actuals, intervals), 1.0 / 3);
}

TEST(RankedProbabilityScoreTest, IsTwiceTheMeanQuantileLoss) {
  const std::vector<double> actuals = {3, kMissing};
  const std::vector<std::vector<double>> quantiles = {{1, 2, 5}, {0, 0, 0}};
  const std::vector<double> probabilities = {0.25, 0.5, 0.75};
  EXPECT_DOUBLE_EQ(RankedProbabilityScore(actuals, quantiles, probabilities),
                   2 * (0.25 * 2 + 0.5 * 1 + 0.25 * 2) / 3);
}

// The score of a standard uniform forecast at y is y^2 - y + 1/3.
TEST(RankedProbabilityScoreTest, TendsToTheIntegral) {
  const std::vector<double> actuals = {0.3};
  std::vector<double> probabilities;
  for (int i = 0; i < 1000; ++i) probabilities.push_back((i + 0.5) / 1000);
  const std::vector<std::vector<double>> quantiles = {probabilities};
  EXPECT_NEAR(RankedProbabilityScore(actuals, quantiles, probabilities),
              0.3 * 0.3 - 0.3 + 1.0 / 3, 1e-6);
}

// With K = 2 intervals, 50 % from 2 to 4 and 90 % from 0 to 5, median 2.5 and
// the actual 4.5: (|2| / 2 + 0.25 (2 + 4 * 0.5) + 0.05 * 5) / 2.5.
TEST(WeightedIntervalScoreTest, IsAsWorkedByHand) {
  const std::vector<double> actuals = {4.5};
  const std::vector<std::vector<double>> quantiles = {{0, 2, 2.5, 4, 5}};
  const std::vector<double> probabilities = {0.05, 0.25, 0.5, 0.75, 0.95};
  const absl::StatusOr<double> score =
      WeightedIntervalScore(actuals, quantiles, probabilities);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(*score, (1 + 1 + 0.25) / 2.5, 1e-12);
  EXPECT_NEAR(*score, RankedProbabilityScore(actuals, quantiles, probabilities),
              1e-12);
}

TEST(WeightedIntervalScoreTest, RefusesProbabilitiesThatDoNotPairUp) {
  const std::vector<double> actuals = {1};
  const std::vector<std::vector<double>> quantiles = {{0, 1, 2}};
  for (const std::vector<double>& probabilities :
       {std::vector<double>{0.1, 0.5, 0.8}, std::vector<double>{0.5, 0.5, 0.5},
        std::vector<double>{0.1, 0.9}, std::vector<double>{}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        WeightedIntervalScore(actuals, quantiles, probabilities).status()));
  }
}

const std::vector<double> kErrors = {1.2, -0.7, 0.4,  2.1, -1.5,
                                     0.3, 0.9,  -0.2, 1.1, -0.8};
const std::vector<double> kOtherErrors = {0.6, -1.4, 0.9, 1.2, -0.4,
                                          0.8, -1.9, 0.1, 2.2, -0.3};

// Computed with numpy and scipy.stats.t from the formulas of the two papers.
TEST(DieboldMarianoTest, AgreesWithAnIndependentComputation) {
  const struct {
    int horizon;
    double power;
    double statistic;
    double p_value;
  } cases[] = {{1, 1, -0.23627012073420822, 0.8185124861031823},
               {1, 2, -0.36629759981070165, 0.7226058743601644},
               {2, 1, -0.22969574829661027, 0.8234635323977781},
               {3, 2, -0.3125999080124599, 0.761706465856125}};
  for (const auto& expected : cases) {
    const auto test =
        DieboldMariano(kErrors, kOtherErrors, expected.horizon, expected.power);
    ASSERT_TRUE(test.ok()) << test.status();
    EXPECT_NEAR(test->statistic, expected.statistic, 1e-13);
    EXPECT_NEAR(test->p_value, expected.p_value, 1e-13);
    EXPECT_EQ(test->lags, expected.horizon - 1);
    EXPECT_EQ(test->compared, 10);
  }
}

TEST(DieboldMarianoTest, ChangesSignWithTheOrderOfTheMethods) {
  EXPECT_DOUBLE_EQ(DieboldMariano(kErrors, kOtherErrors, 2, 2)->statistic,
                   -DieboldMariano(kOtherErrors, kErrors, 2, 2)->statistic);
}

TEST(DieboldMarianoTest, LeavesPairsWithAMissingErrorOut) {
  std::vector<double> errors = kErrors;
  std::vector<double> other = kOtherErrors;
  errors.push_back(kMissing);
  other.push_back(5);
  EXPECT_EQ(DieboldMariano(errors, other, 1, 2)->p_value,
            DieboldMariano(kErrors, kOtherErrors, 1, 2)->p_value);
}

// Losses that alternate have a negative variance of the mean at lag 1.
TEST(DieboldMarianoTest, DropsTheLagsWhereTheirVarianceIsNotPositive) {
  const std::vector<double> errors = {2, 0, 2, 0, 2, 0};
  const std::vector<double> other = {1, 1, 1, 1, 1, 1};
  const auto test = DieboldMariano(errors, other, 2, 1);
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_EQ(test->lags, 0);
}

TEST(DieboldMarianoTest, SaysWhatItNeeds) {
  const std::vector<double> two = {1, 2};
  const std::vector<double> one = {1};
  EXPECT_TRUE(absl::IsInvalidArgument(DieboldMariano(two, one, 1, 2).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DieboldMariano(one, one, 1, 2).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DieboldMariano(two, two, 2, 2).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DieboldMariano(two, two, 1, 0).status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(DieboldMariano(two, two, 1, 2).status()));
}

TEST(EnergyScoreTest, OfOneDrawIsTheDistance) {
  const std::vector<double> actual = {1, 2};
  const std::vector<std::vector<double>> sample = {{4, 6}};
  EXPECT_DOUBLE_EQ(EnergyScore(actual, sample), 5);
}

TEST(EnergyScoreTest, OfOneDimensionIsTheRankedProbabilityScoreOfTheSample) {
  // The integral of (F - 1{x >= 1})^2 of F with half its weight at 0 and at 4.
  const std::vector<double> actual = {1};
  const std::vector<std::vector<double>> sample = {{0}, {4}};
  EXPECT_DOUBLE_EQ(EnergyScore(actual, sample), 0.25 * 1 + 0.25 * 3);
}

TEST(EnergyScoreTest, TellsWhatMovesTogetherFromWhatDoesNot) {
  const std::vector<std::vector<double>> together = {{-1, -1}, {1, 1}};
  const std::vector<std::vector<double>> against = {{-1, 1}, {1, -1}};
  const std::vector<double> actual = {1, 1};
  EXPECT_LT(EnergyScore(actual, together), EnergyScore(actual, against));
}

}  // namespace
}  // namespace headway::scores
