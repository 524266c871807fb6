// Regressions with ARIMA errors, against R 4.2.2 (stats::arima with xreg,
// method ML) and against least squares.
#include "daemon/forecast/arima/regression.h"

#include <cmath>
#include <string>
#include <vector>

#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/fit.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kAhead = 4;

// Made up: an autoregression about 5 + 1.5 x1 + 4 (t > 30).
const std::vector<double> kValues = {
    42.189, 39.227, 38.401, 37.402, 41.317, 39.359, 36.984, 34.421,
    38.386, 36.636, 33.925, 33.692, 38.45,  36.838, 38.991, 36.535,
    39.897, 38.371, 36.41,  34.598, 39.059, 37.481, 36.281, 32.106,
    39.298, 39.253, 36.896, 35.92,  39.686, 39.099, 40.269, 40.538,
    42.738, 41.039, 39.605, 38.842, 44.593, 41.81,  39.446, 38.856,
    42.274, 41.611, 41.35,  39.838, 44.301, 41.98,  41.662, 40.243};
// A walk about 3 x1.
const std::vector<double> kWalk = {
    71.87,  65.045, 64.242, 60.452, 70.255, 68.459, 67.487, 62.355,
    73.368, 73.09,  68.462, 68.515, 78.855, 74.801, 73.45,  67.896,
    76.891, 74.026, 72.311, 71.268, 80.705, 78.919, 75.902, 71.123,
    83.633, 80.122, 78.843, 74.437, 81.343, 79.345, 76.218, 75.331,
    83.911, 80.051, 77.431, 74.842, 84.348, 79.3,   78.464, 75.168,
    84.977, 81.128, 77.902, 72.589, 83.798, 82.211, 80.975, 77.837};
// x1, with four periods ahead.
const std::vector<double> kFirst = {
    23.686, 21.641, 20.792, 19.876, 22.709, 21.716, 21.224, 19.965, 23.046,
    22.657, 21.107, 20.815, 23.684, 22.097, 21.569, 20.14,  22.732, 21.908,
    20.999, 20.296, 23.252, 22.212, 21.392, 19.584, 23.382, 22.055, 21.226,
    20.178, 22.705, 21.917, 20.739, 20.216, 23.033, 21.976, 20.874, 19.831,
    23.299, 21.668, 20.957, 20.094, 23.366, 21.79,  20.914, 19.607, 22.883,
    21.88,  21.405, 20.177, 23.03,  22.279, 20.921, 19.998};

std::vector<double> StepFrom(int first, size_t size) {
  std::vector<double> column(size, 0.0);
  for (size_t t = static_cast<size_t>(first); t < size; ++t) column[t] = 1;
  return column;
}

Regressors Past(const std::vector<std::vector<double>>& columns) {
  Regressors past;
  for (const auto& column : columns) {
    past.emplace_back(column.begin(), column.end() - kAhead);
  }
  return past;
}

Regressors Ahead(const std::vector<std::vector<double>>& columns) {
  Regressors ahead;
  for (const auto& column : columns) {
    ahead.emplace_back(column.end() - kAhead, column.end());
  }
  return ahead;
}

TEST(RegressionTest, AgreesWithRForAnAutoregression) {
  const std::vector<std::vector<double>> columns = {
      kFirst, StepFrom(30, kFirst.size())};
  const ArimaForm form = {.ar = 1, .has_constant = true};
  const ArimaDesign design =
      MakeArimaDesign(kValues, form, Past(columns)).value();
  const ArimaFit fit = ArimaFitter(design).Fit(form, {});
  EXPECT_NEAR(fit.log_likelihood, -62.8109811933, 1e-6);
  EXPECT_NEAR(fit.coefficients.ar[0], 0.75114346, 1e-3);
  EXPECT_NEAR(fit.regression[1], 1.42670060, 1e-3);
  EXPECT_NEAR(fit.regression[2], 3.43831116, 1e-3);
  const ArimaPath path =
      PredictArima(design, fit, kAhead, Ahead(columns)).value();
  const double means[] = {44.06220918, 42.80209409, 40.72292174, 39.29963034};
  const double errors[] = {0.8877824013, 1.1103373859, 1.2180933473,
                           1.2748782750};
  // R divides the sum of squares by all values, and this library by those that
  // are left after the coefficients.
  const double wider = std::sqrt(fit.variance / 0.788157592071);
  for (int h = 0; h < kAhead; ++h) {
    EXPECT_NEAR(path.mean[h], means[h], 1e-3);
    EXPECT_NEAR(std::sqrt(path.variance[h]) / wider, errors[h], 1e-3);
  }
  // R takes its own from the curvature of the likelihood in all coefficients,
  // the autoregressive one too, which makes that of the step 6 % wider.
  EXPECT_NEAR(std::sqrt(path.effect_variance[0]) / wider, 0.08291935, 2e-3);
  EXPECT_NEAR(std::sqrt(path.effect_variance[1]) / wider, 0.76458343, 5e-2);
}

TEST(RegressionTest, AgreesWithRForAModelOfDifferences) {
  const std::vector<std::vector<double>> columns = {kFirst};
  const ArimaForm form = {.differences = 1, .ma = 1};
  const ArimaDesign design =
      MakeArimaDesign(kWalk, form, Past(columns)).value();
  const ArimaFit fit = ArimaFitter(design).Fit(form, {});
  EXPECT_NEAR(fit.log_likelihood, -63.8266882812, 1e-3);
  EXPECT_NEAR(fit.regression[0], 3.12000313, 1e-3);
  const ArimaPath path =
      PredictArima(design, fit, kAhead, Ahead(columns)).value();
  const double means[] = {86.74516155, 84.40203920, 80.16507494, 77.28531205};
  for (int h = 0; h < kAhead; ++h) EXPECT_NEAR(path.mean[h], means[h], 2e-3);
}

TEST(RegressionTest, OfNoiseTheStandardErrorIsThatOfLeastSquares) {
  NormalGenerator normal(3);
  constexpr int kSize = 200;
  std::vector<double> values;
  std::vector<double> column;
  for (int t = 0; t < kSize + 1; ++t) column.push_back(normal.Next());
  for (int t = 0; t < kSize; ++t) {
    values.push_back(2 + 0.5 * column[t] + normal.Next());
  }
  const ArimaForm form = {.has_constant = true};
  const ArimaDesign design =
      MakeArimaDesign(values, form, {{column.begin(), column.end() - 1}})
          .value();
  const ArimaFit fit = ArimaFitter(design).Fit(form, {});
  const ArimaPath path =
      PredictArima(design, fit, 1, {{column.back()}}).value();
  double mean = 0;
  for (int t = 0; t < kSize; ++t) mean += column[t] / kSize;
  double squares = 0;
  for (int t = 0; t < kSize; ++t) {
    squares += (column[t] - mean) * (column[t] - mean);
  }
  EXPECT_NEAR(path.effect_variance[0] / (fit.variance / squares), 1, 1e-9);
}

Options RegressionOptions(std::vector<Regressor> regressors,
                          const std::string& method = "arima") {
  Options options;
  options.method = method;
  options.horizon = kAhead;
  options.probabilities = {0.1, 0.5, 0.9};
  options.regressors = std::move(regressors);
  return options;
}

TEST(RegressionTest, AForecastFollowsItsRegressorAndSaysItsEffect) {
  for (const std::string method : {"arima", "auto_arima"}) {
    const auto made =
        MakeForecast(kWalk, RegressionOptions({{"x", kFirst, {}}}, method));
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_THAT(made->effects, SizeIs(1));
    EXPECT_EQ(made->effects[0].name, "x");
    EXPECT_NEAR(made->effects[0].coefficient, 3, 0.3) << method;
    EXPECT_NEAR(made->effects[0].standard_error, 0.08, 0.04) << method;
    EXPECT_EQ(made->effects[0].scale, EffectScale::kValues);
    // From 23.03 to 19.998.
    EXPECT_NEAR(made->point[0] - made->point[3], 3 * 3.032, 1.2) << method;
    EXPECT_THAT(made->model, HasSubstr("Regression with ARIMA"));
  }
}

TEST(RegressionTest, WhatIsNotKnownOfARegressorWidensTheInterval) {
  const std::vector<double> doubt = {0, 1, 2, 3};
  const Forecast known =
      MakeForecast(kWalk, RegressionOptions({{"x", kFirst, {}}})).value();
  const Forecast doubted =
      MakeForecast(kWalk, RegressionOptions({{"x", kFirst, doubt}})).value();
  EXPECT_EQ(known.point, doubted.point);
  const auto variance = [](const Forecast& forecast, int h) {
    const double deviation =
        (forecast.quantiles[h][2] - forecast.quantiles[h][0]) /
        (2 * NormalQuantile(0.9));
    return deviation * deviation;
  };
  const double effect = known.effects[0].coefficient;
  for (int h = 0; h < kAhead; ++h) {
    EXPECT_NEAR(variance(doubted, h) - variance(known, h),
                effect * effect * doubt[h] * doubt[h], 1e-6);
  }
}

TEST(RegressionTest, OfValuesWithinBoundsTheEffectIsAShare) {
  std::vector<double> values;
  NormalGenerator normal(5);
  for (size_t t = 0; t < 48; ++t) {
    values.push_back(std::exp(2 + 0.05 * kFirst[t] + 0.02 * normal.Next()));
  }
  Options options = RegressionOptions({{"x", kFirst, {}}});
  options.bounds = Bounds::kNonNegative;
  const Forecast made = MakeForecast(values, options).value();
  EXPECT_EQ(made.effects[0].scale, EffectScale::kLogarithms);
  EXPECT_NEAR(made.effects[0].coefficient, 0.05, 0.01);
}

TEST(RegressionTest, TheSizeOfARegressorChangesItsEffectAndNotTheForecast) {
  std::vector<double> large = kFirst;
  for (double& value : large) value *= 1e12;
  const Forecast small =
      MakeForecast(kWalk, RegressionOptions({{"x", kFirst, {}}})).value();
  const Forecast other =
      MakeForecast(kWalk, RegressionOptions({{"x", large, {}}})).value();
  for (int h = 0; h < kAhead; ++h) {
    EXPECT_NEAR(small.point[h], other.point[h], 1e-6);
  }
  EXPECT_NEAR(other.effects[0].coefficient * 1e12, small.effects[0].coefficient,
              1e-6);
}

TEST(RegressionTest, ARegressorThatNeverChangesIsLeftOutAndSaid) {
  const Forecast made =
      MakeForecast(kWalk, RegressionOptions(
                              {{"x", kFirst, {}},
                               {"later", StepFrom(50, kFirst.size()), {}}}))
          .value();
  EXPECT_THAT(made.effects, SizeIs(1));
  EXPECT_THAT(made.notes, Contains(HasSubstr("follow from the others: later")));
}

TEST(RegressionTest, MissingValuesAtBothEndsKeepTheRegressorInItsPlace) {
  const double missing = std::nan("");
  std::vector<double> values = {missing, missing};
  values.insert(values.end(), kWalk.begin() + 2, kWalk.end() - 1);
  values.push_back(missing);
  const Forecast made =
      MakeForecast(values, RegressionOptions({{"x", kFirst, {}}})).value();
  EXPECT_NEAR(made.effects[0].coefficient, 3.1, 0.2);
}

TEST(RegressionTest, AMethodThatTakesNoRegressorsNamesThoseThatDo) {
  const auto made =
      MakeForecast(kWalk, RegressionOptions({{"x", kFirst, {}}}, "theta"));
  EXPECT_EQ(made.status().message(),
            "method \"theta\" takes no regressors; choose arima or auto_arima, "
            "or leave them out");
}

TEST(RegressionTest, ARegressorWithoutAValueForEachPeriodIsAnError) {
  std::vector<double> shorter = kFirst;
  shorter.pop_back();
  EXPECT_EQ(
      MakeForecast(kWalk, RegressionOptions({{"x", shorter, {}}}))
          .status()
          .message(),
      "regressor \"x\" has 51 values; give one for each of the 48 periods and "
      "the 4 ahead");
  std::vector<double> missing = kFirst;
  missing[3] = std::nan("");
  EXPECT_THAT(MakeForecast(kWalk, RegressionOptions({{"x", missing, {}}}))
                  .status()
                  .message(),
              HasSubstr("every one must be a finite number"));
}

TEST(RegressorsUpToTest, WhatBecameOfThemLaterCountsAsKnown) {
  const std::vector<Regressor> then =
      RegressorsUpTo({{"x", {1, 2, 3, 4, 5, 6, 7}, {0.1, 0.2, 0.3}}}, 4, 3, 3);
  EXPECT_THAT(then[0].values, testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(then[0].deviations, testing::ElementsAre(0, 0.1, 0.2));
}

}  // namespace
}  // namespace headway::forecast
