#include "daemon/forecast/math/box_cox.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// Thousands of international airline passengers, 1949 to 1960 (Box, Jenkins,
// "Time Series Analysis", series G).
std::vector<double> AirlinePassengers() {
  return {112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126,
          141, 135, 125, 149, 170, 170, 158, 133, 114, 140, 145, 150, 178, 163,
          172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218,
          230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272,
          237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229,
          203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
          284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306, 315, 301,
          356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348,
          363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
          548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606,
          508, 461, 390, 432};
}

TEST(BoxCoxTest, IsTheLogarithmForZero) {
  const BoxCox log(0);
  EXPECT_DOUBLE_EQ(log.Forward(5), std::log(5));
  EXPECT_DOUBLE_EQ(log.Inverse(std::log(5)), 5);
}

TEST(BoxCoxTest, IsTheShiftedPowerOtherwise) {
  EXPECT_DOUBLE_EQ(BoxCox(0.5).Forward(9), 4);
  EXPECT_DOUBLE_EQ(BoxCox(2).Forward(3), 4);
  EXPECT_DOUBLE_EQ(BoxCox(1).Forward(3), 2);
}

TEST(BoxCoxTest, TakesNegativeNumbersAsBickelAndDoksumDo) {
  EXPECT_DOUBLE_EQ(BoxCox(0.5).Forward(-9), -8);
  EXPECT_DOUBLE_EQ(BoxCox(0.5).Inverse(-8), -9);
}

TEST(BoxCoxTest, InverseRises) {
  for (double lambda : {0.0, 0.3, 0.5, 1.0, 2.0}) {
    const BoxCox transform(lambda);
    double before = transform.Inverse(-5);
    for (int i = -49; i < 50; ++i) {
      const double x = 0.1 * i;
      EXPECT_GE(transform.Inverse(x), before) << lambda << " " << x;
      before = transform.Inverse(x);
    }
  }
}

// A square of a normal number of mean m and variance v has the mean m^2 + v;
// the transformation is 2 (sqrt(y) - 1), so that v is a quarter of its
// variance.
TEST(BoxCoxTest, MeanOfSquaresIsExactToSecondOrder) {
  const BoxCox root(0.5);
  EXPECT_NEAR(root.InverseMean(root.Forward(25), 4), 26, 1e-12);
}

TEST(BoxCoxTest, MeanOfExponentialsIsThatOfR) {
  EXPECT_NEAR(BoxCox(0).InverseMean(std::log(7), 0.02), 7 * 1.01, 1e-12);
}

TEST(BoxCoxTest, MeanOfValuesThemselvesIsUnchanged) {
  EXPECT_DOUBLE_EQ(BoxCox(1).InverseMean(2, 100), 3);
}

// By scipy's bounded minimisation of the coefficient of variation, which is
// defined as in R's BoxCox.lambda.
TEST(GuerreroLambdaTest, AgreesWithScipyOnAirlinePassengers) {
  EXPECT_NEAR(GuerreroLambda(AirlinePassengers(), 12, -1, 2), -0.294724, 1e-5);
}

TEST(GuerreroLambdaTest, TakesPairsWithoutASeason) {
  std::vector<double> values = AirlinePassengers();
  values.resize(41);
  // By scipy, as above.
  EXPECT_NEAR(GuerreroLambda(values, 1, -1, 2), 0.382734, 1e-5);
}

TEST(GuerreroLambdaTest, IsOneForTwoCycles) {
  EXPECT_EQ(GuerreroLambda({1, 2, 3, 4, 5, 6}, 3, -1, 2), 1);
}

TEST(GuerreroLambdaTest, IsOneWhereNoCycleVaries) {
  EXPECT_EQ(GuerreroLambda({1, 1, 2, 2, 3, 3}, 2, -1, 2), 1);
}

// numpy's least squares on a line and eleven dummies, over the same grid.
TEST(ProfileLambdaTest, AgreesWithLeastSquaresOnAirlinePassengers) {
  EXPECT_NEAR(ProfileLambda(AirlinePassengers(), 12, -1, 2), 0.2, 1e-9);
}

TEST(ProfileLambdaTest, IsOneForTwoCycles) {
  EXPECT_EQ(ProfileLambda({1, 2, 3, 4, 5, 6}, 3, -1, 2), 1);
}

TEST(ProfileLambdaTest, FitsALineAloneWithoutASeason) {
  std::vector<double> values = AirlinePassengers();
  values.resize(41);
  EXPECT_NEAR(ProfileLambda(values, 1, -1, 2), 0.6, 1e-9);
}

TEST(ProfileLambdaTest, FindsTheLogarithmOfExponentialGrowth) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(std::exp(0.1 * t + t % 2));
  EXPECT_NEAR(ProfileLambda(values, 2, -1, 2), 0, 1e-9);
}

}  // namespace
}  // namespace headway::forecast
