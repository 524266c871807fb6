#include "daemon/forecast/models/log_linear.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Made up: growth of 20, 62 and 10 % a period.
std::vector<double> Compute() {
  return {1.0,  1.22, 1.41, 1.80, 2.05, 2.6, 2.95, 3.7, 5.9, 9.8, 15.1, 26.0,
          39.5, 68.0, 104,  171,  268,  300, 322,  371, 402, 430, 489,  520};
}

// By numpy: least squares over every admissible set of breaks.
TEST(FitLogLinearTest, FindsTheBreaksOfAnExhaustiveSearch) {
  const auto fit = FitLogLinear(Compute());
  ASSERT_TRUE(fit.ok()) << fit.status();
  ASSERT_THAT(fit->segments, SizeIs(3));
  EXPECT_EQ(fit->segments[1].first, 7);
  EXPECT_EQ(fit->segments[2].first, 16);
  EXPECT_NEAR(fit->segments[0].slope, 0.18332096, 1e-8);
  EXPECT_NEAR(fit->segments[1].slope, 0.47962492, 1e-8);
  EXPECT_NEAR(fit->segments[2].slope, 0.09560409, 1e-8);
  EXPECT_NEAR(fit->segments[2].intercept, 4.07221412, 1e-8);
  EXPECT_NEAR(fit->sum_of_squares, 0.011218723621428795, 1e-12);
  EXPECT_NEAR(fit->bic, -145.90075343432582, 1e-6);
}

TEST(FitLogLinearTest, LeavesMissingValuesOut) {
  std::vector<double> values = Compute();
  values[2] = values[10] = kMissing;
  const auto fit = FitLogLinear(values);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->sum_of_squares, 0.009211517649034008, 1e-12);
  EXPECT_NEAR(fit->bic, -134.0310390436888, 1e-6);
  EXPECT_EQ(fit->segments[2].first, 16);
}

// By numpy and scipy.stats.t; StudentPrediction is exact to about six digits.
TEST(PredictLogLinearTest, HasTheIntervalsOfTheLastLine) {
  const auto fit = FitLogLinear(Compute());
  ASSERT_TRUE(fit.ok()) << fit.status();
  const Prediction prediction =
      PredictLogLinear(*fit, 24, 6, std::vector<double>{0.5, 0.975});
  EXPECT_NEAR(prediction.point[0], 582.1408223699208, 1e-7);
  EXPECT_NEAR(prediction.mean[0], 582.4324524019178, 1e-7);
  EXPECT_NEAR(prediction.quantiles[0][1], 622.1647191877614, 1e-3);
  EXPECT_NEAR(prediction.point[5], 938.9224162117254, 1e-7);
  EXPECT_NEAR(prediction.mean[5], 939.8808135984916, 1e-7);
  EXPECT_NEAR(prediction.quantiles[5][1], 1032.392436141547, 1e-3);
  EXPECT_NEAR(prediction.quantiles[5][0], prediction.point[5], 1e-9);
}

TEST(FitLogLinearTest, SeesNoBreaksInASteadyTrend) {
  int broken = 0;
  for (int seed = 0; seed < 100; ++seed) {
    NormalGenerator normal(seed);
    std::vector<double> values;
    for (int t = 0; t < 60; ++t) {
      values.push_back(std::exp(0.1 * t + 0.2 * normal.Next()));
    }
    if (FitLogLinear(values)->segments.size() > 1) ++broken;
  }
  EXPECT_LE(broken, 5);
}

TEST(FitLogLinearTest, ContinuesExactGrowth) {
  std::vector<double> values;
  for (int t = 0; t < 20; ++t) values.push_back(std::exp(0.3 * t));
  const auto fit = FitLogLinear(values);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_THAT(fit->segments, SizeIs(1));
  EXPECT_NEAR(fit->segments[0].slope, 0.3, 1e-9);
}

TEST(FitLogLinearTest, SaysWhatItNeeds) {
  const auto few =
      FitLogLinear(std::vector<double>{1, 2, 4, kMissing}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(few));
  EXPECT_THAT(std::string(few.message()),
              HasSubstr("at least 5 values, and there are 3"));
  const auto zero =
      FitLogLinear(std::vector<double>{1, 2, 0, 4, 5, 6}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(zero));
  EXPECT_THAT(std::string(zero.message()), HasSubstr("value 3"));
}

// Not the logarithm of a value that was already brought to another scale.
TEST(LogLinearTest, SeesTheValuesAsTheyAreUnderBounds) {
  Options options;
  options.method = "log_linear";
  options.horizon = 6;
  const auto plain = MakeForecast(Compute(), options);
  options.bounds = Bounds::kNonNegative;
  const auto bounded = MakeForecast(Compute(), options);
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_TRUE(bounded.ok()) << bounded.status();
  EXPECT_EQ(bounded->model, "Log-linear trend with 2 breaks");
  EXPECT_EQ(bounded->point, plain->point);
  EXPECT_THAT(bounded->quantiles[5], Each(Gt(0)));
}

TEST(LogLinearTest, EndsAtTheBoundsOfAShare) {
  Options options;
  options.method = "log_linear";
  options.horizon = 10;
  options.bounds = Bounds::kFraction;
  std::vector<double> shares;
  for (int t = 0; t < 20; ++t) shares.push_back(0.01 * std::exp(0.2 * t));
  const auto forecast = MakeForecast(shares, options);
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(forecast->model, "Log-linear trend");
  EXPECT_EQ(forecast->point.back(), 1);
}

}  // namespace
}  // namespace headway::forecast
