#include "daemon/evidence/counterfactual/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headway::evidence {
namespace {

constexpr int kCount = 20000;

TEST(RandomStream, DrawsGammasOfTheirMeanAndVariance) {
  RandomStream random(1);
  for (const double shape : {0.4, 1.0, 7.5}) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kCount; ++i) {
      const double x = random.Gamma(shape);
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kCount;
    EXPECT_NEAR(mean, shape, 4 * std::sqrt(shape / kCount));
    EXPECT_NEAR(squares / kCount - mean * mean, shape, 0.1 * shape);
  }
}

// Of an exponential, what is above a bound is that bound and an exponential.
TEST(RandomStream, DrawsTailsAboveTheirBound) {
  RandomStream random(1);
  for (const double least : {0.5, 8.0}) {
    double sum = 0;
    for (int i = 0; i < kCount; ++i) {
      const double x = random.GammaAbove(2, 1, least);
      ASSERT_GE(x, least);
      sum += x;
    }
    // E(x | x > a) of gamma(2, 1) is (a^2 + 2a + 2) / (a + 1).
    EXPECT_NEAR(sum / kCount, (least * least + 2 * least + 2) / (least + 1),
                0.05);
  }
}

}  // namespace
}  // namespace headway::evidence
