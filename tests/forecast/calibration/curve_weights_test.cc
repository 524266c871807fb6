#include "daemon/forecast/calibration/curve_weights.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// exp of a line with normal noise about it.
std::vector<double> Growth(double rate, double noise, int size) {
  NormalGenerator generator(3);
  std::vector<double> values;
  for (int t = 0; t < size; ++t) {
    values.push_back(std::exp(rate * t + noise * generator.Next()));
  }
  return values;
}

TEST(WeighCurvesTest, SteadyGrowthIsForLogarithms) {
  const CurveWeights weights =
      WeighCurves(Growth(0.26, 0.1, 20), Bounds::kNone, 1);
  EXPECT_LT(weights.straight, 0.05);
  EXPECT_GT(weights.log + weights.exponential, 1.95);
}

TEST(WeighCurvesTest, GrowthThatGatheredSpeedIsForNoScaleAlone) {
  std::vector<double> values;
  for (int t = 0; t < 35; ++t) values.push_back(std::exp(0.002 * t * t));
  EXPECT_EQ(WeighCurves(values, Bounds::kNone, 1).straight, 1);
}

TEST(WeighCurvesTest, NoiseAboutALevelIsForNoScale) {
  std::vector<double> values;
  for (double growth : Growth(0, 0.02, 100)) values.push_back(100 * growth);
  const CurveWeights weights = WeighCurves(values, Bounds::kNone, 1);
  EXPECT_NEAR(weights.straight, 1, 0.01);
  EXPECT_EQ(weights.exponential, 0);
}

TEST(WeighCurvesTest, OverwhelmingEvidenceNeedsNoLine) {
  NormalGenerator generator(5);
  double logarithm = 0;
  std::vector<double> values;
  for (int t = 0; t < 1000; ++t) {
    logarithm += 0.01 + 0.05 * generator.Next();
    values.push_back(std::exp(logarithm));
  }
  EXPECT_LT(WeighCurves(values, Bounds::kNone, 1).straight, 0.05);
}

TEST(WeighCurvesTest, EvidenceIsFreeOfTheUnit) {
  std::vector<double> values = Growth(0.1, 0.1, 30);
  const CurveWeights weights = WeighCurves(values, Bounds::kNone, 1);
  for (double& value : values) value *= 1024;
  const CurveWeights scaled = WeighCurves(values, Bounds::kNone, 1);
  EXPECT_NEAR(scaled.bend, weights.bend, 1e-9);
  EXPECT_NEAR(scaled.straight, weights.straight, 1e-9);
}

TEST(WeighCurvesTest, ZerosNegativesAndSharesGiveNoEvidence) {
  EXPECT_EQ(WeighCurves({1, 5, 0, 90, 300, 1000}, Bounds::kNone, 1).bend, 0);
  EXPECT_EQ(WeighCurves({1, 5, 9, 10, 30, 60}, Bounds::kPercent, 1).bend, 0);
}

}  // namespace
}  // namespace headway::forecast
