#include "daemon/forecast/innovations.h"

#include <cmath>
#include <limits>

#include "daemon/forecast/math/normal.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// Two random walks whose changes are correlated by 0.8, each with a season.
std::vector<std::vector<double>> TwoWalks(int n) {
  NormalGenerator normal(3);
  std::vector<std::vector<double>> walks(2);
  double a = 100;
  double b = 100;
  for (int t = 0; t < n; ++t) {
    const double shock = normal.Next();
    a += shock;
    b += 0.8 * shock + 0.6 * normal.Next();
    walks[0].push_back(a + 9 * std::sin(t * M_PI / 2));
    walks[1].push_back(b);
  }
  return walks;
}

TEST(InnovationsTest, OfSeriesThatMoveTogetherAreCorrelatedSeasonsApart) {
  const auto walks = TwoWalks(400);
  const auto correlated =
      CorrelateInnovations({*Innovations(walks[0], 4, Bounds::kNone),
                            *Innovations(walks[1], 4, Bounds::kNone)});
  ASSERT_TRUE(correlated.ok()) << correlated.status();
  EXPECT_NEAR(correlated->correlation[0][1], 0.8, 0.09);
  EXPECT_EQ(correlated->correlation[0][1], correlated->correlation[1][0]);
  EXPECT_EQ(correlated->correlation[0][0], 1);
  EXPECT_LT(correlated->shrinkage, 0.05);
}

TEST(InnovationsTest, OfAFewPeriodsAreIndependent) {
  const auto walks = TwoWalks(13);
  const auto correlated =
      CorrelateInnovations({*Innovations(walks[0], 1, Bounds::kNone),
                            *Innovations(walks[1], 1, Bounds::kNone)});
  EXPECT_EQ(correlated->correlation[0][1], 0);
  EXPECT_EQ(correlated->shrinkage, 1);
  EXPECT_EQ(correlated->periods, 10);
}

TEST(InnovationsTest, ASeriesTwiceIsNoFunctionOfItself) {
  const auto walks = TwoWalks(60);
  const std::vector<double> once = *Innovations(walks[0], 1, Bounds::kNone);
  const auto correlated = CorrelateInnovations({once, once});
  EXPECT_LT(correlated->correlation[0][1], 1);
  EXPECT_GT(correlated->correlation[0][1], 0.8);
}

TEST(InnovationsTest, AMissingValueHasNoneAndNorHaveThoseThatNeedIt) {
  auto values = TwoWalks(40)[1];
  values[20] = std::numeric_limits<double>::quiet_NaN();
  const auto innovations = *Innovations(values, 1, Bounds::kNone);
  ASSERT_EQ(innovations.size(), 40u);
  EXPECT_FALSE(std::isnan(innovations[19]));
  for (int t = 20; t < 24; ++t) EXPECT_TRUE(std::isnan(innovations[t])) << t;
  EXPECT_FALSE(std::isnan(innovations[24]));
}

TEST(InnovationsTest, OfAConstantOrShortSeriesAreNone) {
  EXPECT_EQ(Innovations({5, 5}, 1, Bounds::kNone)->size(), 2u);
  const std::vector<double> flat(30, 5);
  const auto correlated =
      CorrelateInnovations({*Innovations(flat, 1, Bounds::kNonNegative),
                            *Innovations(flat, 1, Bounds::kNonNegative)});
  ASSERT_TRUE(correlated.ok()) << correlated.status();
  EXPECT_EQ(correlated->correlation[0][1], 0);
}

}  // namespace
}  // namespace headway::forecast
