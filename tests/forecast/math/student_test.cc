#include "daemon/forecast/math/student.h"

#include <cmath>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// From scipy.stats.t.
TEST(StudentProbabilityTest, AgreesWithScipy) {
  const struct {
    double t;
    double degrees;
    double probability;
  } cases[] = {{-2.5, 3, 0.04385332350403277},
               {0.3, 1, 0.5927735790777423},
               {1.7, 29, 0.9500831042557654},
               {-6, 8, 0.0001616966109425744},
               {-0.001, 5, 0.4996203933860988},
               {-40, 200, 1.124369826760113e-97},
               {0, 2, 0.5}};
  for (const auto& expected : cases) {
    EXPECT_NEAR(StudentProbability(expected.t, expected.degrees),
                expected.probability, 1e-11 * expected.probability)
        << expected.t;
  }
}

// tan(0.475 pi) for one degree of freedom; the others are roots of
// scipy.stats.t.cdf by Brent's method (its ppf has only nine digits).
TEST(StudentQuantileTest, AgreesWithIndependentComputations) {
  const struct {
    double probability;
    double degrees;
    double t;
  } cases[] = {{0.975, 1, 12.706204736174696},
               {0.975, 4, 2.7764451051977987},
               {0.025, 30, -2.042272456301238},
               {0.9, 2.5, 1.730250928807177},
               {1e-6, 7, -14.24146965198145},
               {0.5001, 3, 0.0002720699091105281},
               {0.5, 3, 0}};
  for (const auto& expected : cases) {
    EXPECT_NEAR(StudentQuantile(expected.probability, expected.degrees),
                expected.t, 1e-11 * std::abs(expected.t))
        << expected.probability;
  }
}

TEST(StudentQuantileTest, IsTheInverseOfTheProbability) {
  for (double degrees : {1.0, 3.0, 50.0, 1e4}) {
    for (int i = 0; i < 15; ++i) {
      const double probability = 0.01 + 0.07 * i;
      EXPECT_NEAR(
          StudentProbability(StudentQuantile(probability, degrees), degrees),
          probability, 1e-12);
    }
  }
}

}  // namespace
}  // namespace headway::forecast
