#include "daemon/forecast/models/smoothing.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/models/inputs.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

TEST(SimpleSmoothingTest, IsFlat) {
  const std::vector<double> values = NoisyLine(40, 0, 4);
  const Prediction prediction = SimpleSmoothing(InputOf(values, 5)).value();
  EXPECT_EQ(prediction.point[4], prediction.point[0]);
  EXPECT_NEAR(prediction.point[0], 50, 1);
}

TEST(HoltSmoothingTest, ContinuesTheTrend) {
  const std::vector<double> values = NoisyLine(60, 2, 4);
  const Prediction prediction = HoltSmoothing(InputOf(values, 9)).value();
  EXPECT_NEAR(prediction.point[8], 50 + 2 * 68, 4);
  EXPECT_NEAR(prediction.point[8] - prediction.point[7],
              prediction.point[1] - prediction.point[0], 1e-9);
}

TEST(DampedHoltSmoothingTest, TrendFades) {
  const std::vector<double> values = NoisyLine(60, 2, 4);
  const Prediction prediction =
      DampedHoltSmoothing(InputOf(values, 30)).value();
  const double first = prediction.point[1] - prediction.point[0];
  const double last = prediction.point[29] - prediction.point[28];
  EXPECT_GT(last, 0);
  EXPECT_LT(last, 0.9 * first);
}

TEST(SimpleSmoothingTest, SeasonComesBack) {
  std::vector<double> values = NoisyLine(60, 0, 4);
  for (int t = 0; t < 60; ++t) values[t] += t % 4 == 2 ? 20 : 0;
  ModelInput input = InputOf(values, 4);
  input.season = 4;
  const Prediction prediction = SimpleSmoothing(input).value();
  EXPECT_NEAR(prediction.point[2] - prediction.point[1], 20, 2);
}

TEST(HoltSmoothingTest, ShortSeriesIsAnErrorThatSaysHowManyValuesItNeeds) {
  EXPECT_THAT(HoltSmoothing(InputOf({1, 2, 3, 5}, 2)).status().ToString(),
              HasSubstr("ETS(A,A,N) needs at least 7 values, and there are 4"));
}

}  // namespace
}  // namespace headway::forecast
