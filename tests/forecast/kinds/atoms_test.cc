#include "daemon/forecast/kinds/atoms.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;

// What lies between the bounds is uniform on [80, 90] in every step.
absl::StatusOr<Prediction> Uniform(absl::Span<const double> values,
                                   absl::Span<const double> probabilities) {
  EXPECT_THAT(values, Each(Ge(80)));
  Prediction prediction;
  prediction.model = "Uniform";
  std::vector<double> quantiles;
  for (double probability : probabilities) {
    quantiles.push_back(80 + 10 * probability);
  }
  prediction.point.assign(3, 85);
  prediction.mean.assign(3, 85);
  prediction.quantiles.assign(3, quantiles);
  return prediction;
}

TEST(HaveAtomsTest, NeedsTwoValuesExactlyOnABoundAndOneOfTwenty) {
  EXPECT_TRUE(HaveAtoms({100, 98, 100, 97, kMissing}, Bounds::kPercent));
  EXPECT_TRUE(HaveAtoms({0, 3.5, 0, 900}, Bounds::kNonNegative));
  EXPECT_FALSE(HaveAtoms({100, 98, 99, 97}, Bounds::kPercent));
  EXPECT_FALSE(HaveAtoms({0, 98, 0, 97}, Bounds::kNone));
  std::vector<double> rare(50, 4.5);
  rare[3] = rare[8] = 0;
  EXPECT_FALSE(HaveAtoms(rare, Bounds::kNonNegative));
}

TEST(HaveAtomsTest, AllValuesOnABoundAreAConstant) {
  EXPECT_FALSE(HaveAtoms({100, 100, 100}, Bounds::kPercent));
}

TEST(PredictAtomsTest, TheCommonestValueLiesWithinTheInterval) {
  const Prediction prediction =
      PredictAtoms({100, 100, 82, 100, 100, 88, 100, 85, 100, 86},
                   Bounds::kPercent, 3, {0.025, 0.5, 0.975}, Uniform)
          .value();
  EXPECT_LT(prediction.quantiles[0][0], 82);
  EXPECT_EQ(prediction.quantiles[0][1], 100);
  EXPECT_EQ(prediction.quantiles[0][2], 100);
  EXPECT_EQ(prediction.point[0], 100);
  EXPECT_NEAR(prediction.mean[0], 95, 2);
}

// Every second value is on the bound, in turn with one that is not.
TEST(PredictAtomsTest, FollowsTheTransitionsThatWereSeen) {
  std::vector<double> values;
  for (int t = 0; t < 100; ++t) values.push_back(t % 2 == 0 ? 0 : 85);
  values.back() = 86;
  const Prediction prediction =
      PredictAtoms(values, Bounds::kNonNegative, 3, {0.3, 0.7}, Uniform)
          .value();
  EXPECT_THAT(prediction.quantiles[0], ElementsAre(0, 0));
  EXPECT_THAT(prediction.quantiles[1], Each(Ge(80)));
}

TEST(PredictAtomsTest, FewValuesBetweenTheBoundsComeAgainAsTheyAre) {
  const Prediction prediction =
      PredictAtoms({100, 100, 90, 100, 100, 95}, Bounds::kPercent, 1,
                   {0.01, 0.9}, Uniform)
          .value();
  EXPECT_THAT(prediction.quantiles[0], ElementsAre(90, 100));
}

TEST(PredictAtomsTest, ABoundThatWasNeverReachedIsNotExpected) {
  const Prediction prediction =
      PredictAtoms({0, 82, 0, 88, 0, 85, 86, 0}, Bounds::kPercent, 1, {0.999},
                   Uniform)
          .value();
  EXPECT_LT(prediction.quantiles[0][0], 91);
}

TEST(PredictAtomsTest, AnErrorBetweenTheBoundsIsTheAnswer) {
  const auto fail = [](absl::Span<const double>, absl::Span<const double>) {
    return absl::StatusOr<Prediction>(absl::CancelledError("given up"));
  };
  EXPECT_EQ(PredictAtoms({0, 82, 0, 88, 0, 85, 86, 0}, Bounds::kPercent, 1,
                         {0.5}, fail)
                .status()
                .code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace headway::forecast
