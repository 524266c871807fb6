#include "daemon/forecast/math/normal.h"

#include <cmath>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

TEST(NormalQuantileTest, InvertsTheDistributionFunction) {
  for (double p : {1e-300, 1e-12, 0.001, 0.025, 0.3, 0.5, 0.74, 0.975, 0.999}) {
    const double z = NormalQuantile(p);
    EXPECT_NEAR(std::erfc(-z / std::sqrt(2.0)) / 2 / p, 1, 1e-12) << p;
  }
}

TEST(NormalQuantileTest, IsSymmetric) {
  EXPECT_EQ(NormalQuantile(0.25), -NormalQuantile(0.75));
  EXPECT_EQ(NormalQuantile(0.5), 0);
}

TEST(NormalGeneratorTest, HasMomentsOfTheStandardNormal) {
  NormalGenerator normal(7);
  constexpr int kDraws = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = normal.Next();
    sum += z;
    squares += z * z;
  }
  // Four standard errors.
  EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
}

}  // namespace
}  // namespace headway::forecast
