#include "daemon/forecast/theta.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;

ModelInput InputOf(const std::vector<double>& values, int horizon) {
  ModelInput input;
  input.values = values;
  input.horizon = horizon;
  return input;
}

std::vector<double> NoisyLine(int n, double slope) {
  NormalGenerator normal(9);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) values[t] = 50 + slope * t + normal.Next();
  return values;
}

// Where every period ahead adds the same, it is half the slope of the line.
TEST(ThetaTest, DriftsByHalfTheSlopeOfTheLine) {
  const std::vector<double> values = NoisyLine(40, 0.8);
  double product = 0;
  for (int t = 0; t < 40; ++t) product += values[t] * (t - 19.5);
  const double slope = product / (40 * (40 * 40 - 1) / 12.0);
  const Prediction prediction = Theta(InputOf(values, 3)).value();
  EXPECT_NEAR(prediction.point[2] - prediction.point[1], slope / 2, 1e-9);
}

// The sum of squares of the recursion as the paper writes it.
double SumOfSquares(const std::vector<double>& y, double alpha, double theta,
                    double initial) {
  double level = initial;
  double mean = 0;
  double slope = 0;
  double squares = 0;
  for (int t = 1; t <= static_cast<int>(y.size()); ++t) {
    const double intercept = mean - slope * t / 2;
    const double decay = std::pow(1 - alpha, t - 1);
    const double forecast =
        level + (1 - 1 / theta) * (decay * intercept +
                                   (1 - decay * (1 - alpha)) / alpha * slope);
    if (t > 3) squares += (y[t - 1] - forecast) * (y[t - 1] - forecast);
    level = alpha * y[t - 1] + (1 - alpha) * level;
    slope =
        t == 1 ? 0 : ((t - 2) * slope + 6 * (y[t - 1] - mean) / t) / (t + 1);
    mean = ((t - 1) * mean + y[t - 1]) / t;
  }
  return squares;
}

TEST(FitDynamicThetaTest, ReportsTheSumOfSquaresOfTheRecursion) {
  const std::vector<double> values = NoisyLine(30, 0.8);
  const DynamicThetaFit fit = FitDynamicTheta(values);
  EXPECT_NEAR(fit.sum_of_squares,
              SumOfSquares(values, fit.alpha, fit.theta, fit.level), 1e-6);
}

TEST(FitDynamicThetaTest, NoNeighbourFitsBetter) {
  const std::vector<double> values = NoisyLine(30, 0.8);
  const DynamicThetaFit fit = FitDynamicTheta(values);
  const double least =
      SumOfSquares(values, fit.alpha, fit.theta, fit.level) - 1e-9;
  for (double change : {-0.01, 0.01}) {
    EXPECT_GE(SumOfSquares(values, fit.alpha, fit.theta, fit.level + change),
              least);
    EXPECT_GE(SumOfSquares(values, std::clamp(fit.alpha + change, 0.1, 0.99),
                           fit.theta, fit.level),
              least);
    EXPECT_GE(SumOfSquares(values, fit.alpha, std::max(1.0, fit.theta + change),
                           fit.level),
              least);
  }
}

// The paper's model, run forward with errors of its own, spreads as the
// variances say.
TEST(DynamicThetaTest, VarianceAgreesWithTheModelRunForward) {
  const std::vector<double> values = NoisyLine(30, 0.8);
  const DynamicThetaFit fit = FitDynamicTheta(values);
  const double deviation = std::sqrt(fit.sum_of_squares / (fit.errors - 3));
  constexpr int kHorizon = 8;
  constexpr int kPaths = 20000;
  NormalGenerator normal(2);
  std::vector<double> squares(kHorizon, 0.0);
  ModelInput input = InputOf(values, kHorizon);
  const std::vector<double> probabilities = {0.8413447460685429};
  input.probabilities = probabilities;
  const Prediction prediction = DynamicTheta(input).value();
  for (int path = 0; path < kPaths; ++path) {
    double level = fit.level;
    double mean = 0;
    double slope = 0;
    for (int t = 1; t <= 30 + kHorizon; ++t) {
      const double decay = std::pow(1 - fit.alpha, t - 1);
      const double forecast =
          level + (1 - 1 / fit.theta) *
                      (decay * (mean - slope * t / 2) +
                       (1 - decay * (1 - fit.alpha)) / fit.alpha * slope);
      const double y =
          t <= 30 ? values[t - 1] : forecast + deviation * normal.Next();
      if (t > 30) {
        const double error = y - prediction.point[t - 31];
        squares[t - 31] += error * error / kPaths;
      }
      level = fit.alpha * y + (1 - fit.alpha) * level;
      slope = t == 1 ? 0 : ((t - 2) * slope + 6 * (y - mean) / t) / (t + 1);
      mean = ((t - 1) * mean + y) / t;
    }
  }
  for (int h = 0; h < kHorizon; ++h) {
    const double spread = prediction.quantiles[h][0] - prediction.point[h];
    EXPECT_NEAR(squares[h] / (spread * spread), 1, 5 * std::sqrt(2.0 / kPaths))
        << h;
  }
}

TEST(DynamicThetaTest, ShortSeriesIsAnErrorThatSaysHowManyValuesItNeeds) {
  EXPECT_THAT(DynamicTheta(InputOf({1, 2, 3, 2, 1, 3}, 2)).status().ToString(),
              HasSubstr("needs at least 7 values, and there are 6"));
}

}  // namespace
}  // namespace headway::forecast
