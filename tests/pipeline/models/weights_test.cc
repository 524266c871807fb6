#include "daemon/pipeline/models/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headway::pipeline {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double SumOf(const std::vector<WeightedRecord>& records) {
  double sum = 0;
  for (const WeightedRecord& record : records) sum += record.weight;
  return sum;
}

TEST(WeightsTest, WithoutAnOriginAllCountAlike) {
  const auto records = Weigh({{}, {}, {}, {}});
  for (const WeightedRecord& record : records) {
    EXPECT_DOUBLE_EQ(record.weight, 0.25);
    EXPECT_EQ(record.origins, 0);
  }
}

TEST(WeightsTest, TwiceTheLossIsNextToNothingAfterTwentyOrigins) {
  const auto records =
      Weigh({std::vector<double>(20, 1), std::vector<double>(20, 2)});
  EXPECT_NEAR(records[1].weight, std::exp(-5) / (1 + std::exp(-5)), 1e-12);
}

TEST(WeightsTest, AFewOriginsMoveTheWeightsLittle) {
  const auto records = Weigh({{1, 1}, {1.1, 1.1}});
  EXPECT_GT(records[1].weight, 0.48);
}

TEST(WeightsTest, TheWeightsAddUpToOne) {
  EXPECT_DOUBLE_EQ(SumOf(Weigh({{1, 2, 3}, {2, 1, 1}, {9, 9, 9}})), 1);
}

TEST(WeightsTest, AMissingForecastCountsAsTwiceTheGreatestLoss) {
  const auto records = Weigh({{1, 1}, {1, kNone}});
  EXPECT_EQ(records[1].origins, 2);
  EXPECT_DOUBLE_EQ(records[1].score, 1.5);
}

TEST(WeightsTest, AnOriginWithoutAnyForecastIsLeftOut) {
  const auto records = Weigh({{kNone, 1}, {kNone, 2}});
  EXPECT_EQ(records[0].origins, 1);
  EXPECT_DOUBLE_EQ(records[1].score, 2);
}

TEST(WeightsTest, ModelsThatAreNeverWrongCountAlike) {
  const auto records = Weigh({{0, 0}, {0, 0}, {0, 1}});
  EXPECT_DOUBLE_EQ(records[0].weight, records[1].weight);
  EXPECT_LT(records[2].weight, records[1].weight);
}

}  // namespace
}  // namespace headway::pipeline
