#include "tools/bench/calibration/cells.h"

#include <vector>

#include "gtest/gtest.h"

namespace headway::bench {
namespace {

const std::vector<double> kEnds = {-20, -10, -5, 5, 10, 20};

TEST(CellTest, CountsWhatLiesWithinEachInterval) {
  Cell cell;
  for (double value : {0.0, 5.0, -7.0, 15.0, 30.0}) cell.Add(kEnds, value);
  EXPECT_DOUBLE_EQ(cell.Coverage(50), 0.4);
  EXPECT_DOUBLE_EQ(cell.Coverage(80), 0.6);
  EXPECT_DOUBLE_EQ(cell.Coverage(95), 0.8);
  EXPECT_NEAR(cell.Miss(95), -15, 1e-9);
}

// 2.5758 times the root of 0.95 * 0.05 / 2000.
TEST(CellTest, TheBandOfChanceIsThatOfABinomialShare) {
  Cell cell;
  for (int i = 0; i < 2000; ++i) cell.Add(kEnds, 0);
  EXPECT_NEAR(cell.Band(95), 1.2553, 1e-4);
}

// One part of ten has 19 of 100 values and the others 9 each: a statistic of 9,
// beyond which chi-squared with nine degrees of freedom lies with 0.4373.
TEST(CellTest, PitsFarFromUniformAreImprobable) {
  Cell even;
  for (int i = 0; i < 100; ++i) even.AddPit(0.05 + i % 10 / 10.0);
  EXPECT_NEAR(even.PitProbability(), 1, 1e-12);
  Cell uneven;
  for (int i = 0; i < 100; ++i) {
    uneven.AddPit(i < 19 ? 0.05 : 0.15 + i % 9 / 10.0);
  }
  EXPECT_NEAR(uneven.PitProbability(), 0.4373, 1e-3);
}

TEST(RandomisedPitTest, OfAContinuousValueLiesBetweenItsNeighbours) {
  EXPECT_DOUBLE_EQ(RandomisedPit({0.25, 0.5, 0.75}, {1, 2, 3}, 2.5, 0.4), 0.6);
  EXPECT_DOUBLE_EQ(RandomisedPit({0.25, 0.5, 0.75}, {1, 2, 3}, 9, 0), 0.75);
}

TEST(RandomisedPitTest, OfAnAtomLiesAnywhereInIt) {
  const std::vector<double> probabilities = {0.2, 0.4, 0.6, 0.8};
  const std::vector<double> quantiles = {0, 0, 1, 2};
  EXPECT_DOUBLE_EQ(RandomisedPit(probabilities, quantiles, 0, 0), 0);
  EXPECT_DOUBLE_EQ(RandomisedPit(probabilities, quantiles, 0, 1), 0.5);
  EXPECT_DOUBLE_EQ(RandomisedPit(probabilities, quantiles, 1, 0), 0.5);
}

}  // namespace
}  // namespace headway::bench
