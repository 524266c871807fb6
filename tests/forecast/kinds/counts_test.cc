#include "daemon/forecast/kinds/counts.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<double> PoissonCounts(double mean, int size, uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::poisson_distribution<int> counts(mean);
  std::vector<double> values(size);
  for (double& value : values) value = counts(generator);
  return values;
}

TEST(FitCountsTest, TakesSmallWholeNumbers) {
  EXPECT_TRUE(FitCounts(PoissonCounts(4, 60, 1), 1));
  EXPECT_TRUE(FitCounts({0, 1, kMissing, 0, 3, 0, 0, 2, 0, 1, 0}, 1));
}

TEST(FitCountsTest, LeavesFractionsNegativesAndLargeNumbersToOthers) {
  EXPECT_FALSE(FitCounts({0, 1, 0.5, 2, 0, 1, 3, 0, 1, 1}, 1));
  EXPECT_FALSE(FitCounts({0, 1, -1, 2, 0, 1, 3, 0, 1, 1}, 1));
  EXPECT_FALSE(FitCounts(PoissonCounts(400, 60, 1), 1));
}

TEST(FitCountsTest, LeavesTrendsSeasonsAndSteadyNumbersToOthers) {
  std::vector<double> rising;
  std::vector<double> seasonal;
  for (int t = 0; t < 48; ++t) {
    rising.push_back(t / 3 + t % 2);
    seasonal.push_back(t % 12 == 0 ? 9 : t % 2);
  }
  EXPECT_FALSE(FitCounts(rising, 1));
  EXPECT_FALSE(FitCounts(seasonal, 12));
  EXPECT_FALSE(FitCounts({5, 5, 5, 6, 5, 5, 5, 5, 6, 5, 5, 5}, 1));
}

// Of the Poisson distribution with mean 4: 0.0183, 0.0916, 0.2381, 0.4335,
// 0.6288, 0.7851, 0.8893, 0.9489, 0.9786 up to 0, 1, ..., 8.
TEST(PredictCountsTest, ManyPoissonCountsHaveTheQuantilesOfTheirDistribution) {
  const Prediction prediction =
      PredictCounts(PoissonCounts(4, 300, 2), 1, {0.05, 0.25, 0.5, 0.75, 0.95});
  EXPECT_THAT(prediction.quantiles[0], ElementsAre(1, 3, 4, 5, 8));
  EXPECT_NEAR(prediction.mean[0], 4, 0.3);
  EXPECT_EQ(prediction.point[0], 4);
}

TEST(PredictCountsTest, CountsThatAreMostlyZeroHaveZeroForTheirMedian) {
  const Prediction prediction =
      PredictCounts(PoissonCounts(0.4, 60, 3), 2, {0.025, 0.5, 0.975});
  EXPECT_THAT(prediction.quantiles[1], ElementsAre(0, 0, 2));
  EXPECT_THAT(prediction.point, Each(0));
  EXPECT_NEAR(prediction.mean[1], 0.4, 0.15);
}

TEST(PredictCountsTest, CountsThatScatterMoreHaveWiderQuantiles) {
  std::vector<double> clustered = PoissonCounts(4, 100, 4);
  for (size_t t = 0; t < clustered.size(); ++t) {
    clustered[t] = t % 5 == 0 ? 4 * clustered[t] : std::floor(clustered[t] / 4);
  }
  const Prediction prediction = PredictCounts(clustered, 1, {0.975});
  EXPECT_GE(prediction.quantiles[0][0], 14);
}

TEST(PredictCountsTest, ANewLevelIsLearnedAfterSomePeriods) {
  std::vector<double> values = PoissonCounts(1, 60, 5);
  for (double count : PoissonCounts(9, 15, 6)) values.push_back(count);
  EXPECT_NEAR(PredictCounts(values, 1, {0.5}).mean[0], 9, 1.5);
}

TEST(PredictCountsTest, DoubtGrowsWithTheDistanceIfTheMeanMoves) {
  std::vector<double> values;
  for (int t = 0; t < 120; ++t) {
    values.push_back(std::floor(6 + 5 * std::sin(t / 9.0)));
  }
  const Prediction prediction = PredictCounts(values, 24, {0.025, 0.975});
  const auto width = [&](int h) {
    return prediction.quantiles[h - 1][1] - prediction.quantiles[h - 1][0];
  };
  EXPECT_GT(width(24), width(1));
}

}  // namespace
}  // namespace headway::forecast
