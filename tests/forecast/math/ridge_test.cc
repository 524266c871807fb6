#include "daemon/forecast/math/ridge.h"

#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(FitRidgeTest, FindsTheCoefficientsOfAnExactRelation) {
  NormalGenerator normal(1);
  NormalEquations equations(2);
  for (int t = 0; t < 100; ++t) {
    const double a = normal.Next();
    const double b = normal.Next();
    equations.Add({a, b}, 3 * a - 2 * b);
  }
  const RidgeFit fit = FitRidge(equations);
  EXPECT_THAT(fit.coefficients,
              ElementsAre(DoubleNear(3, 1e-4), DoubleNear(-2, 1e-4)));
  EXPECT_NEAR(fit.variance, 0, 1e-6);
}

// By hand: sums of squares 2 and products 2 for one regressor that is 1 and 1
// with targets 0 and 2, so that the coefficient is 2 / (2 + penalty), the sum
// of squared residuals 4 - c (2 + penalty c), the effective parameters
// 2 / (2 + penalty). The scores of the penalties 2e-6 ... 0.2, 2, 20 fall to
// 2 - c and rise again; for penalty 20 they are
// c = 1/11, squares 4 - (2 + 20/11) / 11 = 3.6529, left 2 - 1/11 = 1.9091:
// 1.0023; for 2: c = 1/2, squares 2.5, left 1.5: 1.1111; for 2e-6: c = 1,
// squares 2, left 1: 2.
TEST(FitRidgeTest, ChoosesThePenaltyOfLeastCrossValidation) {
  NormalEquations equations(1);
  equations.Add({1}, 0);
  equations.Add({1}, 2);
  const RidgeFit fit = FitRidge(equations);
  EXPECT_THAT(fit.coefficients, ElementsAre(DoubleNear(1.0 / 11, 1e-12)));
  EXPECT_NEAR(fit.variance, (4 - (2 + 20.0 / 11) / 11) / (2 - 1.0 / 11), 1e-12);
}

TEST(FitRidgeTest, GivesZerosForRegressorsThatAreZero) {
  NormalEquations equations(2);
  equations.Add({0, 0}, 1);
  equations.Add({0, 0}, -3);
  const RidgeFit fit = FitRidge(equations);
  EXPECT_THAT(fit.coefficients, ElementsAre(0, 0));
  EXPECT_EQ(fit.variance, 5);
}

TEST(FitRidgeTest, SolvesEquationsWithTwoRegressorsThatAreTheSame) {
  NormalGenerator normal(3);
  NormalEquations equations(2);
  for (int t = 0; t < 50; ++t) {
    const double a = normal.Next();
    equations.Add({a, a}, 4 * a);
  }
  EXPECT_THAT(FitRidge(equations).coefficients,
              ElementsAre(DoubleNear(2, 1e-4), DoubleNear(2, 1e-4)));
}

}  // namespace
}  // namespace headway::forecast
