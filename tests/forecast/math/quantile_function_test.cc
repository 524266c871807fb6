#include "daemon/forecast/math/quantile_function.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

const std::vector<double> kScores = {-2, -1, 0, 1, 2};

TEST(QuantileFunctionTest, IsExactForANormalDistributionTailsIncluded) {
  const QuantileFunction normal(kScores, std::vector<double>{1, 3, 5, 7, 9},
                                Bounds::kNone);
  for (double score : {-5.0, -2.0, -1.3, 0.0, 0.4, 2.0, 3.5}) {
    EXPECT_DOUBLE_EQ(normal.At(score), 5 + 2 * score);
  }
}

TEST(QuantileFunctionTest, KeepsAnAtom) {
  const QuantileFunction counts(kScores, std::vector<double>{0, 0, 0, 1, 4},
                                Bounds::kNonNegative);
  EXPECT_EQ(counts.At(-3), 0);
  EXPECT_EQ(counts.At(-0.5), 0);
  EXPECT_EQ(counts.At(1), 1);
}

TEST(QuantileFunctionTest, ATailOfPositiveValuesIsThatOfTheirLogarithm) {
  std::vector<double> quantiles;
  for (double score : kScores) quantiles.push_back(std::exp(score));
  const QuantileFunction lognormal(kScores, quantiles, Bounds::kNonNegative);
  EXPECT_NEAR(lognormal.At(3), std::exp(3), 1e-9);
  EXPECT_NEAR(lognormal.At(-4), std::exp(-4), 1e-9);
}

TEST(QuantileFunctionTest, NoTailLeavesTheBounds) {
  const QuantileFunction share(
      kScores, std::vector<double>{1, 40, 80, 95, 99.5}, Bounds::kPercent);
  EXPECT_GT(share.At(8), 99.5);
  EXPECT_LE(share.At(8), 100);
  EXPECT_GE(share.At(-30), 0);
  const QuantileFunction fraction(
      kScores, std::vector<double>{0, 0.2, 0.5, 0.9, 1}, Bounds::kFraction);
  EXPECT_EQ(fraction.At(3), 1);
  EXPECT_EQ(fraction.At(-3), 0);
}

TEST(QuantileFunctionTest, IsFiniteFarOut) {
  const QuantileFunction wide(
      kScores, std::vector<double>{1, 1e100, 1e200, 1e250, 1e300},
      Bounds::kNonNegative);
  EXPECT_TRUE(std::isfinite(wide.At(8)));
  const QuantileFunction both(
      kScores, std::vector<double>{-1.7e308, -1e308, 0, 1e308, 1.7e308},
      Bounds::kNone);
  EXPECT_TRUE(std::isfinite(both.At(9)));
  EXPECT_TRUE(std::isfinite(both.At(-9)));
}

}  // namespace
}  // namespace headway::forecast
