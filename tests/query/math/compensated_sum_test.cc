#include "daemon/query/math/compensated_sum.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace headway::query {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();

CompensatedSum SumOf(const std::vector<double>& terms) {
  CompensatedSum sum;
  for (double term : terms) sum.Add(term);
  return sum;
}

TEST(CompensatedSumTest, KeepsASmallTermBesideLargeOnesThatCancel) {
  EXPECT_EQ(SumOf({1e16, 1, -1e16}).Total(), 1);
  EXPECT_EQ(SumOf({1e100, 1, -1e100}).Total(), 1);
}

TEST(CompensatedSumTest, KeepsManySmallTerms) {
  EXPECT_EQ(SumOf(std::vector<double>(10, 0.1)).Total(), 1);
}

TEST(CompensatedSumTest, PassesBeyondTheGreatestNumberAndComesBack) {
  EXPECT_EQ(SumOf({kMost, kMost, -kMost}).Total(), kMost);
}

TEST(CompensatedSumTest, MeansOfTheGreatestNumbersAreFinite) {
  EXPECT_EQ(SumOf({1.7e308, 1.7e308}).Mean(2), 1.7e308);
  EXPECT_EQ(SumOf({-1.7e308, -1.7e308}).Mean(2), -1.7e308);
}

TEST(CompensatedSumTest, ATotalBeyondEveryNumberIsInfinite) {
  EXPECT_TRUE(std::isinf(SumOf({kMost, kMost}).Total()));
}

TEST(CompensatedSumTest, AddsAnotherSumWithWhatItKept) {
  CompensatedSum sum = SumOf({1e100, 1});
  sum.Add(SumOf({1, -1e100}));
  EXPECT_EQ(sum.Total(), 2);
}

}  // namespace
}  // namespace headway::query
