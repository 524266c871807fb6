#include "daemon/forecast/calibration/traits.h"

#include <cmath>
#include <limits>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

std::vector<double> Walk(int size, double drift) {
  NormalGenerator generator(7);
  std::vector<double> values;
  double level = 0;
  for (int t = 0; t < size; ++t) {
    values.push_back(level += drift + generator.Next());
  }
  return values;
}

std::vector<double> Noise(int size) {
  NormalGenerator generator(9);
  std::vector<double> values;
  for (int t = 0; t < size; ++t) values.push_back(generator.Next());
  return values;
}

TEST(DescribeSeriesTest, ChangesOfAWalkGrowWithTheRootOfTheDistance) {
  const Traits traits = DescribeSeries(Walk(1000, 0), 1, 16);
  EXPECT_NEAR(traits.change[0], 1, 0.1);
  EXPECT_NEAR(traits.change[15] / traits.change[0], 4, 0.8);
  EXPECT_NEAR(traits.rebound, 0, 0.1);
  EXPECT_GT(traits.return_to_level, -3);
}

TEST(DescribeSeriesTest, ChangesOfNoiseDoNotGrow) {
  const Traits traits = DescribeSeries(Noise(1000), 1, 16);
  EXPECT_NEAR(traits.change[15] / traits.change[0], 1, 0.05);
  EXPECT_NEAR(traits.rebound, -0.5, 0.05);
  EXPECT_LT(traits.return_to_level, -20);
}

TEST(DescribeSeriesTest, DriftIsThatOfAWalkOverItsSteps) {
  EXPECT_NEAR(DescribeSeries(Walk(1000, 0.5), 1, 1).drift, 0.5, 0.1);
}

TEST(DescribeSeriesTest, HeavyTailsShowInTheDeviationOverTheMeanDeviation) {
  EXPECT_NEAR(DescribeSeries(Walk(1000, 0), 1, 1).tails, 1, 0.05);
  std::vector<double> values = Walk(1000, 0);
  for (size_t t = 500; t < values.size(); ++t) values[t] += 60;
  EXPECT_GT(DescribeSeries(values, 1, 1).tails, 1.5);
}

TEST(DescribeSeriesTest, SeasonsAreNoChange) {
  std::vector<double> values = Noise(120);
  for (size_t t = 0; t < values.size(); ++t) {
    values[t] += 100 + 20 * std::sin(static_cast<double>(t) * M_PI / 6);
  }
  const Traits traits = DescribeSeries(values, 12, 1);
  EXPECT_TRUE(traits.is_seasonal);
  EXPECT_LT(traits.change[0], 3);
}

TEST(DescribeSeriesTest, FartherThanHalfTheLengthIsAsTheLast) {
  const Traits traits = DescribeSeries(Walk(10, 0), 1, 8);
  EXPECT_EQ(traits.change[7], traits.change[4]);
}

TEST(DescribeSeriesTest, MissingValuesAreFilledIn) {
  std::vector<double> values = Walk(50, 0);
  values[20] = std::numeric_limits<double>::quiet_NaN();
  const Traits traits = DescribeSeries(values, 1, 4);
  EXPECT_EQ(traits.length, 49);
  EXPECT_TRUE(std::isfinite(traits.change[0]));
}

TEST(DescribeSeriesTest, TwoValuesHaveADescription) {
  const Traits traits = DescribeSeries({1, 3}, 12, 3);
  EXPECT_EQ(traits.length, 2);
  EXPECT_TRUE(std::isfinite(traits.change[2]));
  EXPECT_TRUE(std::isfinite(traits.return_to_line));
}

}  // namespace
}  // namespace headway::forecast
