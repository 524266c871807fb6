#include "daemon/forecast/models/growth_curve.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/forecast.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// All made up.
const std::vector<double> kShares = {2.1,  3.4,  3.9,  6.2,  8.8,
                                     12.5, 15.9, 22.8, 29.1, 37.9,
                                     45.2, 55.3, 61.0, 68.9, 73.1};
const std::vector<double> kEarlyShares = {0.4,  1.9,  4.2,  9.1,  14.8,
                                          22.9, 29.3, 37.5, 43.1, 49.9,
                                          54.0, 59.6, 62.7, 66.4, 68.0};
const std::vector<double> kSales = {110,  181,  268,  402,  603,  812, 1105,
                                    1290, 1502, 1489, 1380, 1121, 905, 610};

std::vector<double> SharesWithGaps() {
  std::vector<double> values = kShares;
  for (int t : {3, 4, 9}) values[t] = kMissing;
  return values;
}

std::vector<double> FallingShares() {
  return {kShares.rbegin(), kShares.rend()};
}

// By scipy 1.10 curve_fit (MINPACK, tolerances 1e-15); the intervals by numpy
// from central differences of the curves and scipy.stats.t.
struct ReferenceFit {
  std::vector<double> values;
  GrowthCurve curve;
  double limit;
  double first;
  double second;
  double sum_of_squares;
  // One and five periods ahead: the value and the 97.5 % quantile.
  double next;
  double later;
  double next_upper;
  double later_upper;
};
std::vector<ReferenceFit> ReferenceFits() {
  return {
      {kShares, GrowthCurve::kLogistic, 87.8315957, 10.76277838, 2.594025833,
       4.54798788476, 77.53535406, 85.40510487, 79.518371, 88.46063127},
      {SharesWithGaps(), GrowthCurve::kLogistic, 87.86527135, 10.77609232,
       2.586887309, 4.24773925001, 77.56894226, 85.44887175, 79.93822418,
       89.27675622},
      {FallingShares(), GrowthCurve::kLogistic, 87.83159562, 5.237221624,
       -2.594025829, 4.54798788476, 1.36438205, 0.29552041, 2.72132919,
       1.63850055},
      {kEarlyShares, GrowthCurve::kGompertz, 76.02640261, 6.799733802,
       3.727496555, 3.53806442389, 69.84962938, 73.85514619, 71.35107473,
       75.69908355},
      {kSales, GrowthCurve::kBass, 13058.1852, 0.006995645389, 0.4504484507,
       4451.62348393, 439.09433694, 80.9405349, 488.70095606, 125.91855498}};
}

TEST(FitGrowthCurveTest, AgreesWithScipy) {
  for (const ReferenceFit& reference : ReferenceFits()) {
    const auto fit = FitGrowthCurve(reference.values, reference.curve);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(fit->limit / reference.limit, 1, 1e-6);
    EXPECT_NEAR(fit->shape[0] / reference.first, 1, 1e-6);
    EXPECT_NEAR(fit->shape[1] / reference.second, 1, 1e-6);
    EXPECT_NEAR(fit->sum_of_squares / reference.sum_of_squares, 1, 1e-9);
  }
}

TEST(PredictGrowthCurveTest, HasTheIntervalsOfTheDeltaMethod) {
  const std::vector<double> probabilities = {0.975};
  for (const ReferenceFit& reference : ReferenceFits()) {
    const auto fit = FitGrowthCurve(reference.values, reference.curve);
    ASSERT_TRUE(fit.ok()) << fit.status();
    const Prediction prediction =
        PredictGrowthCurve(reference.values, *fit, 5, probabilities);
    EXPECT_NEAR(prediction.point[0] / reference.next, 1, 1e-6);
    EXPECT_NEAR(prediction.point[4] / reference.later, 1, 1e-6);
    EXPECT_NEAR(prediction.quantiles[0][0] / reference.next_upper, 1, 1e-6);
    EXPECT_NEAR(prediction.quantiles[4][0] / reference.later_upper, 1, 1e-6);
    EXPECT_THAT(prediction.notes, IsEmpty());
  }
}

TEST(FitGrowthCurveTest, RecoversACurveWithoutNoise) {
  for (GrowthCurve curve : {GrowthCurve::kLogistic, GrowthCurve::kGompertz}) {
    GrowthFit truth;
    truth.curve = curve;
    truth.limit = 0.6;
    truth.shape = {14, 3};
    std::vector<double> values;
    for (int t = 1; t <= 20; ++t) values.push_back(GrowthValue(truth, t));
    const auto fit = FitGrowthCurve(values, curve);
    ASSERT_TRUE(fit.ok()) << fit.status();
    EXPECT_NEAR(fit->limit, 0.6, 1e-6);
    EXPECT_NEAR(fit->shape[0], 14, 1e-5);
    EXPECT_NEAR(fit->shape[1], 3, 1e-5);
  }
}

// Bass's adopters of all periods together are the market.
TEST(GrowthValueTest, SumsToTheMarketOfBass) {
  GrowthFit fit;
  fit.curve = GrowthCurve::kBass;
  fit.limit = 500;
  fit.shape = {0.02, 0.4};
  double sum = 0;
  for (int t = 1; t <= 200; ++t) sum += GrowthValue(fit, t);
  EXPECT_NEAR(sum, 500, 1e-9);
}

TEST(PredictGrowthCurveTest, SaysThatTheLimitIsNotToldByPureGrowth) {
  std::vector<double> values;
  for (int t = 0; t < 15; ++t) {
    values.push_back(std::exp(0.5 * t) * (t % 3 == 2 ? 1.1 : 1));
  }
  const auto fit = FitGrowthCurve(values, GrowthCurve::kLogistic);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_GT(fit->limit_error, fit->limit / 2);
  const std::vector<double> probabilities = {0.1, 0.9};
  const Prediction prediction =
      PredictGrowthCurve(values, *fit, 3, probabilities);
  EXPECT_THAT(prediction.notes, SizeIs(1));
  EXPECT_TRUE(std::isfinite(prediction.quantiles[2][1]));
}

// Not a curve through their logits.
TEST(LogisticTest, SeesSharesAsTheyAre) {
  Options options;
  options.method = "logistic";
  options.horizon = 5;
  const auto plain = MakeForecast(kShares, options);
  options.bounds = Bounds::kPercent;
  const auto bounded = MakeForecast(kShares, options);
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_TRUE(bounded.ok()) << bounded.status();
  EXPECT_EQ(bounded->model, "Logistic curve");
  EXPECT_EQ(bounded->point, plain->point);
}

TEST(FitGrowthCurveTest, SaysWhatItNeeds) {
  const std::vector<double> few = {1, 2, 4, 7, kMissing, 9};
  const auto status = FitGrowthCurve(few, GrowthCurve::kGompertz).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("needs at least 6 values, and there are 5"));
  const std::vector<double> negative = {-1, -2, -4, -7, -9, -10, -12};
  EXPECT_TRUE(absl::IsFailedPrecondition(
      FitGrowthCurve(negative, GrowthCurve::kBass).status()));
}

}  // namespace
}  // namespace headway::forecast
