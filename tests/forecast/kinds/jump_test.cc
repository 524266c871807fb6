#include "daemon/forecast/kinds/jump.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<double> Fifties(double last) {
  return {50, 51, 49, 50, 52, 51, 50, 49, 51, 50, 50, 51, 49, 52, 50, last};
}

TEST(EndsInAJumpTest, KnowsAValueFarOffALevel) {
  EXPECT_TRUE(EndsInAJump(Fifties(500)));
  EXPECT_TRUE(EndsInAJump(Fifties(-500)));
  EXPECT_FALSE(EndsInAJump(Fifties(53)));
}

TEST(EndsInAJumpTest, AJumpAmongOthersIsNone) {
  std::vector<double> values = Fifties(500);
  values[5] = 490;
  EXPECT_FALSE(EndsInAJump(values));
}

TEST(EndsInAJumpTest, AWalkKeepsWhatItsStepsBring) {
  std::vector<double> values;
  for (int t = 0; t < 20; ++t) values.push_back(t / 4 % 2 == 0 ? t : -t);
  values.push_back(900);
  EXPECT_FALSE(EndsInAJump(values));
}

TEST(EndsInAJumpTest, FewValuesDoNotTell) {
  EXPECT_FALSE(EndsInAJump({50, 51, 49, 50, 52, 500}));
}

// Normal about 50 with deviation one, and the step that is forecast in its
// place is that of the values before the last.
absl::StatusOr<Prediction> AboutFifty(absl::Span<const double> values,
                                      int horizon,
                                      absl::Span<const double> probabilities) {
  EXPECT_LT(values.back(), 60);
  return NormalPrediction("Level", std::vector<double>(horizon, 50),
                          std::vector<double>(horizon, 1), probabilities);
}

TEST(PredictAfterJumpTest, HalfIsWhatWasBeforeAndHalfANewLevel) {
  const Prediction prediction =
      PredictAfterJump(Fifties(500), Bounds::kNone, 2,
                       {0.025, 0.25, 0.75, 0.975}, AboutFifty)
          .value();
  EXPECT_EQ(prediction.point.size(), 2);
  EXPECT_NEAR(prediction.point[1], 275, 1e-9);
  EXPECT_THAT(prediction.quantiles[1],
              ElementsAre(DoubleNear(48.36, 0.01), DoubleNear(50, 0.01),
                          DoubleNear(500, 0.01), DoubleNear(501.64, 0.01)));
  EXPECT_THAT(prediction.notes, ElementsAre(HasSubstr("the last value")));
}

TEST(PredictAfterJumpTest, ANewLevelStaysWithinTheBounds) {
  const Prediction prediction =
      PredictAfterJump(Fifties(1), Bounds::kNonNegative, 1, {0.001}, AboutFifty)
          .value();
  EXPECT_EQ(prediction.quantiles[0][0], 0);
}

}  // namespace
}  // namespace headway::forecast
