#include "daemon/forecast/calibration/spread.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/calibration/networks.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// The features at which every input of the networks is in the middle.
SpreadFeatures Centre() {
  SpreadFeatures features;
  for (int i = 0; i < kInputs; ++i) features[i] = SpreadNetwork().centres[i];
  return features;
}

TEST(SpreadFactorsTest, OfTheMiddleOfWhatWasLearnedAreCloseToOne) {
  for (double score : {0.7, 1.3, 2.0}) {
    EXPECT_NEAR(std::log(SpreadFactors(Centre()).At(score)), 0, 0.5);
  }
}

TEST(SpreadFactorsTest, AreThoseOfTheEndsBeyondThem) {
  const SpreadFactors factors(Centre());
  EXPECT_EQ(factors.At(0.1), factors.At(0.5));
  EXPECT_EQ(factors.At(3), factors.At(-2));
}

TEST(SpreadFactorsTest, StayWithinLimitsWhateverTheFeatures) {
  for (double extreme : {-1e9, 1e9}) {
    SpreadFeatures features;
    features.fill(extreme);
    const double factor = SpreadFactors(features).At(1.5);
    EXPECT_GE(factor, 0.22);
    EXPECT_LE(factor, 6.1);
  }
}

TEST(DescribeSpreadTest, IsFreeOfTheUnit) {
  Traits traits;
  traits.length = 40;
  traits.change = {2, 3};
  traits.spread = 5;
  PooledStep step{2, 10, {4, 6, 10, 15, 19}, 1, 3, 4};
  const SpreadFeatures features = DescribeSpread(traits, {}, step, step);
  for (double& change : traits.change) change *= 8;
  traits.spread *= 8;
  step.point *= 8;
  for (double& quantile : step.quantiles) quantile *= 8;
  step.disagreement *= 8;
  step.narrowest *= 8;
  step.widest *= 8;
  const SpreadFeatures scaled = DescribeSpread(traits, {}, step, step);
  for (int i = 0; i < kInputs; ++i) EXPECT_NEAR(scaled[i], features[i], 1e-12);
}

TEST(SpreadBetweenTest, IsTheDeviationOfANormalDistribution) {
  EXPECT_NEAR(SpreadBetween(-1.2815515655446004, 1.2815515655446004), 1, 1e-12);
}

}  // namespace
}  // namespace headway::forecast
