#include "daemon/forecast/anomalies.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<double> NormalNoise(int n, uint64_t seed) {
  NormalGenerator normal(seed);
  std::vector<double> values(n);
  for (double& value : values) value = 20 + normal.Next();
  return values;
}

TEST(FindAnomaliesTest, FindsASpike) {
  std::vector<double> values = NormalNoise(60, 1);
  values[23] += 12;
  const auto anomalies = FindAnomalies(values, 1);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_THAT(*anomalies, SizeIs(1));
  EXPECT_EQ((*anomalies)[0].position, 23);
  EXPECT_EQ((*anomalies)[0].kind, AnomalyKind::kOutlier);
  EXPECT_NEAR((*anomalies)[0].size, 12, 2.5);
}

TEST(FindAnomaliesTest, FindsAStep) {
  std::vector<double> values = NormalNoise(60, 2);
  for (int t = 35; t < 60; ++t) values[t] -= 9;
  const auto anomalies = FindAnomalies(values, 1);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_THAT(*anomalies, SizeIs(1));
  EXPECT_EQ((*anomalies)[0].position, 35);
  EXPECT_EQ((*anomalies)[0].kind, AnomalyKind::kLevelShift);
  EXPECT_NEAR((*anomalies)[0].size, -9, 1.5);
}

TEST(FindAnomaliesTest, FindsSpikeAndStepWithinTrendSeasonAndGaps) {
  std::vector<double> values = NormalNoise(120, 3);
  for (int t = 0; t < 120; ++t) {
    values[t] += 0.5 * t + 8 * std::sin(t * M_PI / 6);
    if (t >= 80) values[t] += 14;
  }
  values[41] -= 13;
  values[17] = kMissing;
  const auto anomalies = FindAnomalies(values, 12);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_THAT(*anomalies, SizeIs(2));
  EXPECT_EQ((*anomalies)[0].position, 41);
  EXPECT_EQ((*anomalies)[0].kind, AnomalyKind::kOutlier);
  EXPECT_EQ((*anomalies)[1].position, 80);
  EXPECT_EQ((*anomalies)[1].kind, AnomalyKind::kLevelShift);
}

TEST(FindAnomaliesTest, FindsTheOnlyValueThatDiffers) {
  std::vector<double> values(40, 3.0);
  values[11] = 4;
  const auto anomalies = FindAnomalies(values, 1);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_THAT(*anomalies, SizeIs(1));
  EXPECT_EQ((*anomalies)[0].position, 11);
}

// A one per cent chance each.
TEST(FindAnomaliesTest, LetsNoiseAndWalksBe) {
  constexpr int kSeries = 300;
  int flagged = 0;
  for (int i = 0; i < kSeries; ++i) {
    std::vector<double> values = NormalNoise(i % 2 == 0 ? 40 : 150, 100 + i);
    if (i % 3 == 0) {
      for (size_t t = 1; t < values.size(); ++t) {
        values[t] += values[t - 1] - 20;
      }
    }
    const auto anomalies = FindAnomalies(values, 1);
    ASSERT_TRUE(anomalies.ok()) << anomalies.status();
    if (!anomalies->empty()) ++flagged;
  }
  EXPECT_LE(flagged, kSeries * 3 / 100);
}

// The statistic of a spike in white noise is that of a regression on a dummy:
// the value less the mean of the others, over its standard error.
TEST(FindAnomaliesTest, HasTheSizeOfARegressionOnADummy) {
  std::vector<double> values(30);
  for (int t = 0; t < 30; ++t) values[t] = t % 7 % 2 == 0 ? 1 : -1;
  values[14] = 40;
  const auto anomalies = FindAnomalies(values, 1);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  ASSERT_THAT(*anomalies, SizeIs(1));
  EXPECT_NEAR((*anomalies)[0].size, 40 - 3.0 / 29, 1e-6);
}

TEST(FindAnomaliesTest, DoesNotDependOnTheUnit) {
  std::vector<double> values = NormalNoise(60, 1);
  values[23] += 12;
  const auto anomalies = FindAnomalies(values, 1);
  for (double& value : values) value = std::ldexp(value, 900);
  const auto huge = FindAnomalies(values, 1);
  ASSERT_THAT(*huge, SizeIs(1));
  EXPECT_EQ((*huge)[0].score, (*anomalies)[0].score);
  EXPECT_EQ((*huge)[0].size, std::ldexp((*anomalies)[0].size, 900));
}

TEST(FindAnomaliesTest, FindsManyInALongSeries) {
  std::vector<double> values = NormalNoise(3000, 5);
  for (int t = 7; t < 3000; t += 25) values[t] += 30;
  const auto anomalies = FindAnomalies(values, 1);
  ASSERT_TRUE(anomalies.ok()) << anomalies.status();
  EXPECT_THAT(*anomalies, SizeIs(120));
  EXPECT_THAT(*anomalies, Each(Field(&Anomaly::kind, AnomalyKind::kOutlier)));
}

TEST(FindAnomaliesTest, FindsNothingInAConstant) {
  EXPECT_THAT(*FindAnomalies(std::vector<double>(20, 4.0), 4), IsEmpty());
}

TEST(FindAnomaliesTest, FindsNothingInWhatIsConstantButForRounding) {
  std::vector<double> values(40, 104.3);
  for (size_t i = 0; i < values.size(); i += 3) {
    values[i] = std::nextafter(104.3, 1000);
  }
  EXPECT_TRUE(FindAnomalies(values, 12)->empty());
}

TEST(FindAnomaliesTest, SaysWhatItNeeds) {
  EXPECT_TRUE(absl::IsFailedPrecondition(
      FindAnomalies(std::vector<double>{1, 2, kMissing}, 1).status()));
  std::vector<double> values = NormalNoise(20, 1);
  EXPECT_TRUE(absl::IsInvalidArgument(FindAnomalies(values, 0).status()));
  values[3] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(absl::IsInvalidArgument(FindAnomalies(values, 1).status()));
}

}  // namespace
}  // namespace headway::forecast
