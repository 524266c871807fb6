#include "daemon/forecast/combination.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

Prediction OneStep(const char* model, double point, double half_width) {
  Prediction prediction;
  prediction.model = model;
  prediction.point = {point};
  prediction.mean = {point + 1};
  prediction.quantiles = {{point - half_width, point, point + half_width}};
  return prediction;
}

TEST(CombineTest, TakesTheMedianPointAndTheMeanSpread) {
  const Prediction combined =
      Combine({OneStep("a", 10, 2), OneStep("b", 30, 4), OneStep("c", 14, 3)});
  EXPECT_EQ(combined.model, "Median of a, b, c");
  EXPECT_THAT(combined.point, ElementsAre(14));
  EXPECT_THAT(combined.mean, ElementsAre(DoubleNear(15, 1e-12)));
  EXPECT_THAT(combined.quantiles[0],
              ElementsAre(DoubleNear(11, 1e-12), DoubleNear(14, 1e-12),
                          DoubleNear(17, 1e-12)));
}

TEST(CombineTest, OfTwoMembersTakesTheMiddle) {
  EXPECT_THAT(Combine({OneStep("a", 10, 1), OneStep("b", 13, 1)}).point,
              ElementsAre(11.5));
}

}  // namespace
}  // namespace headway::forecast
