#include "daemon/forecast/kinds/jump.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

std::vector<double> Fifties(double last) {
  return {50, 51, 49, 50, 52, 51, 50, 49, 51, 50, 50, 51, 49, 52, 50, last};
}

TEST(JumpAtEndTest, KnowsAValueFarOffALevel) {
  EXPECT_TRUE(JumpAtEnd(Fifties(500)));
  EXPECT_TRUE(JumpAtEnd(Fifties(-500)));
  EXPECT_FALSE(JumpAtEnd(Fifties(53)));
}

TEST(JumpAtEndTest, AJumpAmongOthersIsNone) {
  std::vector<double> values = Fifties(500);
  values[5] = 490;
  EXPECT_FALSE(JumpAtEnd(values));
}

TEST(JumpAtEndTest, AWalkKeepsWhatItsStepsBring) {
  std::vector<double> values;
  for (int t = 0; t < 20; ++t) values.push_back(t / 4 % 2 == 0 ? t : -t);
  values.push_back(900);
  EXPECT_FALSE(JumpAtEnd(values));
}

TEST(JumpAtEndTest, FewValuesDoNotTell) {
  EXPECT_FALSE(JumpAtEnd({50, 51, 49, 50, 52, 500}));
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
      PredictAfterJump(Fifties(500), 20, Bounds::kNone, 2,
                       {0.025, 0.25, 0.75, 0.975}, AboutFifty)
          .value();
  EXPECT_EQ(prediction.point.size(), 2);
  EXPECT_NEAR(prediction.point[1], 275, 1e-9);
  EXPECT_THAT(prediction.quantiles[1],
              ElementsAre(DoubleNear(48.36, 0.01), DoubleNear(50, 0.01),
                          DoubleNear(500, 0.01), DoubleNear(501.64, 0.01)));
}

TEST(PredictAfterJumpTest, TheLastValueIsAnAnomalyThatIsHalfFitted) {
  const Prediction prediction =
      PredictAfterJump(Fifties(500), 20, Bounds::kNone, 2, {0.5}, AboutFifty)
          .value();
  ASSERT_EQ(prediction.anomalies.size(), 1);
  const Anomaly& jump = prediction.anomalies[0];
  EXPECT_EQ(jump.position, 15);
  EXPECT_EQ(jump.kind, AnomalyKind::kJump);
  EXPECT_EQ(jump.observed, 500);
  EXPECT_NEAR(jump.size, 450, 1e-9);
  EXPECT_EQ(jump.score, 20);
  EXPECT_EQ(jump.treatment, AnomalyTreatment::kHalfFitted);
}

TEST(PredictAfterJumpTest, ANewLevelStaysWithinTheBounds) {
  const Prediction prediction =
      PredictAfterJump(Fifties(1), -20, Bounds::kNonNegative, 1, {0.001},
                       AboutFifty)
          .value();
  EXPECT_EQ(prediction.quantiles[0][0], 0);
}

}  // namespace
}  // namespace headway::forecast
