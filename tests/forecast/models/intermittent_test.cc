#include "daemon/forecast/models/intermittent.h"

#include <vector>

#include "daemon/forecast/forecast.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<double>& Sparse() {
  static const auto* const values = new std::vector<double>{
      0, 0, 5, 0, 0, 3, 0, 7, 0, 0, 0, 2, 0, 0, 6, 0, 4, 0, 0, 1};
  return *values;
}

ModelInput ThreeAhead(const std::vector<double>& values,
                      const std::vector<double>& probabilities = {}) {
  ModelInput input;
  input.values = values;
  input.horizon = 3;
  input.probabilities = probabilities;
  return input;
}

// Computed from the papers' formulas by a program of its own in Python, which
// found the smoothing parameters by trying 10,000 values of each.
struct Reference {
  std::vector<double> values;
  double croston = 0;
  double sba = 0;
  double tsb = 0;
  double adida = 0;
  double imapa = 0;
};

std::vector<Reference> References() {
  return {{Sparse(), 1.503251991, 1.428089391, 1.673942209, 1.590183333,
           1.345208471},
          {{12, 0, 0, 0, 0,  9, 0, 0, 30, 0, 0, 0,
            0,  0, 0, 8, 11, 0, 0, 0, 5,  0, 0, 0},
           3.663511319,
           3.113984621,
           1.875359508,
           3.000342500,
           2.767387759},
          {{1, 2, 0, 1, 3, 0, 0, 2, 1, 1, 0, 4, 2, 0, 1, 2, 3, 0},
           1.584055895,
           1.488046267,
           1.423668746,
           1.290063846,
           1.290063846}};
}

TEST(IntermittentTest, PointsAreThoseOfThePapersFormulas) {
  constexpr double kTolerance = 1e-4;
  for (const Reference& reference : References()) {
    const ModelInput input = ThreeAhead(reference.values);
    EXPECT_NEAR(Croston(input)->point[0], reference.croston, kTolerance);
    EXPECT_NEAR(SyntetosBoylan(input)->point[0], reference.sba, kTolerance);
    EXPECT_NEAR(TeunterSyntetosBabai(input)->point[0], reference.tsb,
                kTolerance);
    EXPECT_NEAR(Adida(input)->point[0], reference.adida, kTolerance);
    EXPECT_NEAR(Imapa(input)->point[0], reference.imapa, kTolerance);
  }
}

// By the same program.
TEST(CrostonTest, QuantilesAreThoseOfNoDemandOrAPastSize) {
  const std::vector<double> probabilities = {0.5, 0.7, 0.9, 0.975};
  const Prediction prediction =
      Croston(ThreeAhead(Sparse(), probabilities)).value();
  EXPECT_THAT(prediction.quantiles, Each(ElementsAre(0, 2, 5, 6)));
}

class IntermittentMethodTest
    : public ::testing::TestWithParam<absl::StatusOr<Prediction> (*)(
          const ModelInput&)> {};

TEST_P(IntermittentMethodTest, MeanIsThatOfTheDistribution) {
  constexpr int kNodes = 20000;
  std::vector<double> probabilities;
  for (int i = 0; i < kNodes; ++i) probabilities.push_back((i + 0.5) / kNodes);
  const Prediction prediction =
      GetParam()(ThreeAhead(Sparse(), probabilities)).value();
  double mean = 0;
  for (double quantile : prediction.quantiles[2]) mean += quantile / kNodes;
  EXPECT_NEAR(prediction.mean[2], mean, 1e-3);
  EXPECT_EQ(prediction.point[2], prediction.mean[2]);
}

TEST_P(IntermittentMethodTest, MissingPeriodsAreLeftOut) {
  std::vector<double> values = Sparse();
  values.insert(values.begin() + 10, {kMissing, kMissing});
  EXPECT_EQ(GetParam()(ThreeAhead(values))->point[0],
            GetParam()(ThreeAhead(Sparse()))->point[0]);
}

TEST_P(IntermittentMethodTest, OneDemandIsEnough) {
  const std::vector<double> values = {0, 0, 0, 4};
  const double point = GetParam()(ThreeAhead(values))->point[0];
  EXPECT_GT(point, 0.7);
  EXPECT_LE(point, 1);
}

TEST_P(IntermittentMethodTest, NegativeValueIsAnErrorThatNamesIt) {
  const std::vector<double> values = {0, 3, -1, 0, 2};
  EXPECT_THAT(GetParam()(ThreeAhead(values)).status().ToString(),
              HasSubstr("no values below zero, and value 3 is"));
}

INSTANTIATE_TEST_SUITE_P(Methods, IntermittentMethodTest,
                         ::testing::Values(Croston, SyntetosBoylan,
                                           TeunterSyntetosBabai, Adida, Imapa));

// In the long run without demand, only the probability tells that it has gone.
TEST(TeunterSyntetosBabaiTest, FallsWhileNoDemandComes) {
  std::vector<double> values = Sparse();
  values.insert(values.end(), 40, 0);
  const ModelInput input = ThreeAhead(values);
  EXPECT_LT(TeunterSyntetosBabai(input)->point[0], 0.1);
  EXPECT_GT(Croston(input)->point[0], 1);
}

// The non-negative scale would turn its zeros into small demands.
TEST(MakeForecastTest, IntermittentDemandKeepsItsZerosUnderTheBound) {
  Options options;
  options.method = "croston";
  options.horizon = 1;
  options.probabilities = {0.3, 0.5};
  const Forecast unbounded = MakeForecast(Sparse(), options).value();
  options.bounds = Bounds::kNonNegative;
  const Forecast bounded = MakeForecast(Sparse(), options).value();
  EXPECT_THAT(bounded.quantiles, Each(Each(0)));
  EXPECT_EQ(bounded.point, unbounded.point);
  EXPECT_THAT(bounded.notes, ElementsAre());
}

}  // namespace
}  // namespace headway::forecast
