#include "daemon/forecast/math/transform.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

class TransformTest : public ::testing::TestWithParam<Bounds> {};

std::vector<double> ValuesWithin(Bounds bounds) {
  const double scale = bounds == Bounds::kFraction ? 0.01 : 1;
  return {2 * scale, 30 * scale, 55 * scale, 98 * scale};
}

TEST_P(TransformTest, InverseUndoesForward) {
  const std::vector<double> values = ValuesWithin(GetParam());
  const Transform transform =
      Transform::Create(GetParam(), Curve::kLog, values).value();
  for (double value : values) {
    EXPECT_NEAR(transform.Inverse(transform.Forward(value)) / value, 1, 1e-12);
  }
}

TEST_P(TransformTest, InverseStaysWithinTheBoundsHoweverFar) {
  const Transform transform =
      Transform::Create(GetParam(), Curve::kLog, ValuesWithin(GetParam()))
          .value();
  const double upper = GetParam() == Bounds::kPercent    ? 100
                       : GetParam() == Bounds::kFraction ? 1
                                                         : 1e300;
  double previous = 0;
  for (double z : {-1e6, -800.0, -40.0, 0.0, 40.0, 800.0, 1e6}) {
    const double value = transform.Inverse(z);
    EXPECT_GE(value, previous);
    EXPECT_LE(value, upper);
    previous = value;
  }
}

TEST_P(TransformTest, ZeroIsMovedInAndCounted) {
  std::vector<double> values = ValuesWithin(GetParam());
  values[0] = 0;
  const Transform transform =
      Transform::Create(GetParam(), Curve::kLog, values).value();
  EXPECT_EQ(transform.moved(), 1);
  EXPECT_GT(transform.Inverse(transform.Forward(0)), 0);
}

TEST_P(TransformTest, ValueOutsideIsAnErrorThatNamesIt) {
  std::vector<double> values = ValuesWithin(GetParam());
  values[2] = -3;
  EXPECT_THAT(
      Transform::Create(GetParam(), Curve::kLog, values).status().ToString(),
      HasSubstr("value -3 at position 3 lies outside [0, "));
}

// Each was once moved in to the middle.
TEST(CreateTransformTest, SharesThatAllLieOnABoundStayApart) {
  const Transform transform =
      Transform::Create(Bounds::kPercent, Curve::kLog, {0, 0, 100}).value();
  EXPECT_LT(transform.Forward(0), transform.Forward(100));
}

INSTANTIATE_TEST_SUITE_P(Bounds, TransformTest,
                         ::testing::Values(Bounds::kNonNegative,
                                           Bounds::kPercent,
                                           Bounds::kFraction));

TEST(TransformTest, WithoutBoundsOnlyPositiveValuesAreBent) {
  EXPECT_FALSE(
      Transform::Create(Bounds::kNone, Curve::kLog, {1, 2, 3})->is_identity());
  EXPECT_TRUE(
      Transform::Create(Bounds::kNone, Curve::kLog, {1, 0, 3})->is_identity());
  EXPECT_TRUE(Transform::Create(Bounds::kNone, Curve::kStraight, {1, 2, 3})
                  ->is_identity());
}

TEST(TransformTest, GrowthByARateIsALineOnTheLogCurve) {
  std::vector<double> values(20);
  for (int t = 0; t < 20; ++t) values[t] = std::pow(10.0, t);
  const Transform transform =
      Transform::Create(Bounds::kNone, Curve::kLog, values).value();
  EXPECT_EQ(transform.moved(), 0);
  const double step = transform.Forward(1e1) - transform.Forward(1e0);
  EXPECT_NEAR((transform.Forward(1e15) - transform.Forward(1e14)) / step, 1,
              1e-3);
}

TEST(TransformTest, TheStraightCurveLeavesOrdinaryValuesAlmostAsTheyAre) {
  const Transform transform =
      Transform::Create(Bounds::kNonNegative, Curve::kStraight, {50, 100, 150})
          .value();
  EXPECT_NEAR(transform.Forward(100), 100, 1e-3);
  EXPECT_NEAR(transform.Forward(50), 50, 0.1);
  EXPECT_GT(transform.Inverse(-1e3), 0);
}

TEST(TransformTest, TheExponentialCurveOfPositiveValuesIsTheLogarithm) {
  const Transform transform =
      Transform::Create(Bounds::kNone, Curve::kExponential, {2, 30}).value();
  EXPECT_EQ(transform.Forward(30), std::log(30.0));
  EXPECT_NEAR(transform.Inverse(std::log(30.0)), 30, 1e-12);
}

TEST_P(TransformTest, LogSlopeIsThatOfForward) {
  for (Curve curve : {Curve::kStraight, Curve::kLog, Curve::kExponential}) {
    const std::vector<double> values = ValuesWithin(GetParam());
    const Transform transform =
        Transform::Create(GetParam(), curve, values).value();
    for (double value : values) {
      const double step = 1e-6 * value;
      // Upwards: below the least value lies the margin.
      const double slope =
          (transform.Forward(value + step) - transform.Forward(value)) / step;
      EXPECT_NEAR(transform.LogSlope(value), std::log(slope), 1e-4);
    }
  }
}

}  // namespace
}  // namespace headway::forecast
