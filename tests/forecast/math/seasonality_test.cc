#include "daemon/forecast/math/seasonality.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

std::vector<double> SeasonOnALine(int n, bool additive) {
  const double season[] = {0.8, 1.1, 1.3, 0.8};
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) {
    const double level = 100 + 2 * t;
    values[t] =
        additive ? level + 10 * (season[t % 4] - 1) : level * season[t % 4];
  }
  return values;
}

TEST(SeasonalIndicesTest, RecoversAnAdditiveSeasonOnALineExactly) {
  const std::vector<double> indices =
      SeasonalIndices(SeasonOnALine(20, true), 4, Decomposition::kAdditive);
  EXPECT_THAT(indices,
              ElementsAre(DoubleNear(-2, 1e-12), DoubleNear(1, 1e-12),
                          DoubleNear(3, 1e-12), DoubleNear(-2, 1e-12)));
}

// Worked by hand: the centred averages of (1, 3, 2, 6, 4) with season 2 are
// (1/2 + 3 + 1) / 2 = 2.25, (1.5 + 2 + 3) / 2 = 3.25, (1 + 6 + 2) / 2 = 4.5;
// the ratios 3 / 2.25 = 4/3, 2 / 3.25 = 8/13, 6 / 4.5 = 4/3. Seasons: 8/13 and
// 4/3, divided by their mean 38/39: 12/19 and 26/19.
TEST(SeasonalIndicesTest, AgreesWithAMultiplicativeDecompositionByHand) {
  EXPECT_THAT(
      SeasonalIndices({1, 3, 2, 6, 4}, 2, Decomposition::kMultiplicative),
      ElementsAre(DoubleNear(12.0 / 19, 1e-12), DoubleNear(26.0 / 19, 1e-12)));
}

TEST(IsSeasonalTest, FindsAStrongSeason) {
  EXPECT_TRUE(IsSeasonal(SeasonOnALine(40, false), 4));
}

TEST(IsSeasonalTest, FindsNoneWithinTwoCycles) {
  EXPECT_FALSE(IsSeasonal(SeasonOnALine(8, false), 4));
}

// A wave of 16 periods is not correlated with itself a quarter of it later.
TEST(IsSeasonalTest, FindsNoneInAWaveOfAnotherLength) {
  std::vector<double> values;
  for (int t = 0; t < 64; ++t) values.push_back(std::sin(t * M_PI / 8));
  EXPECT_FALSE(IsSeasonal(values, 4));
}

TEST(FillGapsTest, DrawsTheLineOnSeasonallyAdjustedValues) {
  const std::vector<double> whole = SeasonOnALine(40, true);
  std::vector<double> values = whole;
  values[14] = values[22] = kMissing;
  const std::vector<double> filled = FillGaps(values, 4);
  // A straight line on the values themselves is 3.5 off.
  EXPECT_NEAR(filled[14], whole[14], 1);
  EXPECT_NEAR(filled[22], whole[22], 1);
}

TEST(SeasonalAdjustmentTest, RestoresWhatItTookOut) {
  const std::vector<double> values = SeasonOnALine(40, false);
  const SeasonalAdjustment adjustment(values, 4);
  ASSERT_TRUE(adjustment.is_seasonal());
  std::vector<double> restored = adjustment.Adjusted(values);
  for (int t = 0; t < 40; ++t)
    restored[t] = adjustment.Restored(restored[t], t);
  EXPECT_THAT(restored, Pointwise(DoubleNear(1e-9), values));
}

TEST(SeasonalAdjustmentTest, IsAdditiveWhereValuesAreNotPositive) {
  std::vector<double> values = SeasonOnALine(40, true);
  for (double& value : values) value -= 150;
  const SeasonalAdjustment adjustment(values, 4);
  ASSERT_TRUE(adjustment.is_seasonal());
  EXPECT_NEAR(adjustment.Adjusted(0, 2), -3, 1e-9);
}

}  // namespace
}  // namespace headway::forecast
