#include "daemon/forecast/auto/bates_granger.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/models/ces/fit.h"
#include "daemon/forecast/models/flair.h"
#include "daemon/forecast/models/mstl.h"
#include "daemon/forecast/models/ridge_ar.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kCentral80[] = {0.1, 0.9};

ModelInput Input(absl::Span<const double> values, int season, int horizon) {
  ModelInput input;
  input.values = values;
  input.season = season;
  input.horizon = horizon;
  input.probabilities = kCentral80;
  return input;
}

std::vector<double> Wave(int n, int cycle) {
  NormalGenerator normal(8);
  std::vector<double> values;
  for (int t = 0; t < n; ++t) {
    values.push_back(20 + 5 * std::sin(t * 2 * M_PI / cycle) + normal.Next());
  }
  return values;
}

double HeldOutError(absl::StatusOr<Prediction> (*method)(const ModelInput&),
                    absl::Span<const double> values, int season, int horizon) {
  const size_t kept = values.size() - horizon;
  const Prediction past =
      method(Input(values.first(kept), season, horizon)).value();
  double squares = 0;
  for (int h = 0; h < horizon; ++h) {
    squares += std::pow(values[kept + h] - past.point[h], 2) / horizon;
  }
  return squares;
}

TEST(BatesGrangerTest, WeighsMembersByTheErrorOverTheHeldOutEnd) {
  const std::vector<double> values = Wave(120, 12);
  const ModelInput input = Input(values, 12, 6);
  const Prediction prediction = BatesGranger(input).value();
  double total = 0;
  double point = 0;
  double low = 0;
  for (auto method : {RidgeAr, Mstl, Flair}) {
    const double weight = 1 / HeldOutError(method, values, 12, 6);
    const Prediction member = method(input).value();
    total += weight;
    point += weight * member.point[5];
    low += weight * member.quantiles[5][0];
  }
  EXPECT_THAT(prediction.point[5], DoubleNear(point / total, 1e-6));
  EXPECT_THAT(prediction.quantiles[5][0], DoubleNear(low / total, 1e-6));
}

TEST(BatesGrangerTest, NamesItsMembers) {
  const std::vector<double> values = Wave(120, 12);
  EXPECT_THAT(BatesGranger(Input(values, 12, 6))->model,
              AllOf(HasSubstr("Ridge autoregression"), HasSubstr("MSTL"),
                    HasSubstr("Level times shape")));
}

TEST(BatesGrangerTest, TakesSmoothingForLevelsWithoutASeason) {
  const std::vector<double> values = Wave(200, 52);
  EXPECT_THAT(BatesGranger(Input(values, 1, 6))->model,
              AllOf(HasSubstr("CES"), Not(HasSubstr("Level times shape"))));
}

TEST(BatesGrangerTest, HoldsOutBackToAValueThatIsPresent) {
  std::vector<double> values = Wave(120, 12);
  for (int t = 108; t < 118; ++t) values[t] = kMissing;
  const Prediction prediction = BatesGranger(Input(values, 12, 6)).value();
  for (double point : prediction.point) EXPECT_TRUE(std::isfinite(point));
}

TEST(BatesGrangerTest, LeavesOutMembersThatTheSeriesIsTooShortFor) {
  const std::vector<double> values = {3, 5, 4, 6, 5, 7};
  EXPECT_THAT(BatesGranger(Input(values, 4, 2))->model,
              Not(HasSubstr("Ridge autoregression")));
}

TEST(BatesGrangerTest, ReasonIsGivenWhereNoMemberIsLeft) {
  const std::vector<double> values = {3, 5};
  EXPECT_EQ(BatesGranger(Input(values, 4, 2)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace headway::forecast
