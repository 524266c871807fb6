#include "daemon/forecast/models/simple.h"

#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

// 3 + t sqrt(2.5 (1 + 1/5)), with 2.776445105 for t from a table.
TEST(MeanTest, IntervalIsStudents) {
  const std::vector<double> values = {
      1, 2, std::numeric_limits<double>::quiet_NaN(), 3, 4, 5};
  const std::vector<double> probabilities = {0.975};
  ModelInput input;
  input.values = values;
  input.horizon = 2;
  input.probabilities = probabilities;
  const Prediction prediction = Mean(input).value();
  EXPECT_DOUBLE_EQ(prediction.point[1], 3);
  EXPECT_NEAR(prediction.quantiles[1][0], 7.808943987, 1e-8);
}

}  // namespace
}  // namespace headway::forecast
