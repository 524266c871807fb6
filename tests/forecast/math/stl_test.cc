#include "daemon/forecast/math/stl.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// A made-up series with a changing season of four periods and an outlier at
// position 13. The expected values below are those of STL in statsmodels
// 0.13.5 (Debian 12), which wraps the authors' program, at these positions:
constexpr int kPositions[] = {0, 1, 7, 13, 14, 22, 28, 29};

std::vector<double> MadeUpSeries() {
  return {13.0, 9.783,  13.667, 6.7,   14.9, 9.917,  14.0,   8.133,
          15.3, 11.55,  14.333, 8.067, 17.2, 20.683, 16.167, 8.0,
          17.6, 13.317, 16.5,   9.433, 18.0, 13.45,  18.333, 9.367,
          19.9, 13.583, 18.667, 10.8,  20.3, 15.217};
}

struct Expected {
  std::vector<double> seasonal;
  std::vector<double> trend;
  std::vector<double> weights;
};

void ExpectAgreement(const StlOptions& options, const Expected& expected) {
  const StlDecomposition result = DecomposeStl(MadeUpSeries(), options);
  for (size_t i = 0; i < std::size(kPositions); ++i) {
    const int t = kPositions[i];
    EXPECT_NEAR(result.seasonal[t], expected.seasonal[i], 1e-10) << t;
    EXPECT_NEAR(result.trend[t], expected.trend[i], 1e-10) << t;
    EXPECT_NEAR(result.weights[t], expected.weights[i], 1e-10) << t;
  }
}

TEST(DecomposeStlTest, AgreesWithStatsmodels) {
  StlOptions options;
  options.season = 4;
  options.seasonal = {7, 1, 1};
  options.trend = {9, 1, 1};
  options.low_pass = {5, 1, 1};
  ExpectAgreement(
      options, {{2.89228288999, -1.46358281103, -4.79944411324, 0.801334702859,
                 1.7254226573, 2.67927420307, 4.19130440997, -2.51941637574},
                {10.6008773351, 10.7997549531, 11.9613695064, 15.220415521,
                 15.2615358729, 15.0017904903, 16.641415957, 17.0515084914},
                {1, 1, 1, 1, 1, 1, 1, 1}});
}

TEST(DecomposeStlTest, AgreesWithStatsmodelsWithJumpsAndSeasonalMeans) {
  StlOptions options;
  options.season = 4;
  options.seasonal = {11, 0, 2};
  options.trend = {15, 1, 4};
  options.low_pass = {5, 1, 3};
  ExpectAgreement(
      options,
      {{3.1094913902, -0.0452218434799, -5.21663373476, -0.0989933810536,
        2.13972258174, 2.22547831955, 3.58731714899, -0.420273984905},
       {10.2528334889, 10.5143533808, 12.1835355182, 14.2344199523,
        14.378308983, 15.0026172582, 16.1378386963, 16.3230443299},
       {1, 1, 1, 1, 1, 1, 1, 1}});
}

TEST(DecomposeStlTest, AgreesWithStatsmodelsOnRobustPasses) {
  StlOptions options;
  options.season = 4;
  options.seasonal = {7, 1, 1};
  options.trend = {9, 1, 1};
  options.low_pass = {5, 1, 1};
  options.inner = 1;
  options.outer = 5;
  ExpectAgreement(
      options,
      {{2.74983290481, -1.20079702799, -4.52018115582, -0.978112590089,
        2.33193533524, 2.83313407412, 4.06420984654, -1.78473158196},
       {10.5545572392, 10.7694348337, 11.9835563256, 13.3938566691,
        13.5910986385, 15.0069459074, 16.4566396515, 16.782326518},
       {0.943235856627, 0.97179490475, 0.741425461502, 0, 0.963225663012,
        0.855518718567, 0.969945803794, 0.970128501473}});
}

TEST(DecomposeStlTest, AgreesWithStatsmodelsWithWindowsLongerThanTheSeries) {
  StlOptions options;
  options.season = 4;
  options.seasonal = {35, 1, 3};
  options.trend = {33, 1, 4};
  options.low_pass = {5, 1, 1};
  options.outer = 1;
  ExpectAgreement(
      options,
      {{2.91098337896, -0.976586473952, -4.51607634429, -1.17091220952,
        2.5240115679, 2.74617773247, 4.26530284819, -1.43632334741},
       {10.5695529845, 10.775372857, 12.0084460388, 13.2327461551,
        13.4339641325, 15.0470754912, 16.2591322037, 16.4616773878},
       {0.992001044501, 0.786596878414, 0.899831426169, 0, 0.998564809832,
        0.919196601108, 0.99701147657, 0.998057916818}});
}

// From R's documentation of stl: t.window is nextodd(ceiling(1.5 * period /
// (1 - 1.5 / s.window))), l.window nextodd(period), jumps are a tenth, rounded
// up.
TEST(DefaultStlOptionsTest, AreThoseOfR) {
  const StlOptions options = DefaultStlOptions(12, 7);
  EXPECT_EQ(options.seasonal.window, 7);
  EXPECT_EQ(options.seasonal.degree, 0);
  EXPECT_EQ(options.seasonal.jump, 1);
  EXPECT_EQ(options.trend.window, 23);
  EXPECT_EQ(options.trend.jump, 3);
  EXPECT_EQ(options.low_pass.window, 13);
  EXPECT_EQ(options.low_pass.jump, 2);
  EXPECT_EQ(options.inner, 2);
  EXPECT_EQ(options.outer, 0);
}

TEST(DecomposeMstlTest, TellsTwoCyclesAndALineApart) {
  const double day[] = {-1, 4, -3, 0};
  const double week[] = {5, -2, -2, 1, 0, 0, -2};
  std::vector<double> values;
  for (int t = 0; t < 280; ++t) {
    values.push_back(100 + 0.1 * t + day[t % 4] + week[(t / 4) % 7]);
  }
  const MstlDecomposition parts = DecomposeMstl(values, {4, 28});
  ASSERT_EQ(parts.seasonal.size(), 2);
  for (int t = 56; t < 224; ++t) {
    EXPECT_NEAR(parts.seasonal[0][t] + parts.seasonal[1][t],
                day[t % 4] + week[(t / 4) % 7], 0.1);
    EXPECT_NEAR(parts.trend[t], 100 + 0.1 * t, 0.1);
  }
}

}  // namespace
}  // namespace headway::forecast
