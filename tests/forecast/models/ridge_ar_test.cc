#include "daemon/forecast/models/ridge_ar.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;

Options RidgeWithCycles(int horizon, int season,
                        std::vector<int> long_seasons) {
  Options options;
  options.method = "ridge_ar";
  options.horizon = horizon;
  options.season = season;
  options.long_seasons = std::move(long_seasons);
  return options;
}

TEST(SeasonalLagsTest, LieBeforeTheValueAndAroundEachCycle) {
  EXPECT_THAT(SeasonalLags({24, 168}),
              ElementsAre(1, 2, 3, 4, 21, 22, 23, 24, 25, 26, 27, 45, 46, 47,
                          48, 49, 50, 51, 72, 96, 120, 144, 167, 168, 169));
  EXPECT_THAT(SeasonalLags({4}), ElementsAre(1, 2, 3, 4, 5, 7, 8, 9));
  EXPECT_THAT(SeasonalLags({}), ElementsAre(1, 2, 3, 4));
}

TEST(FitAutoregressionTest, FindsTheCoefficientsOfALongSeries) {
  NormalGenerator normal(1);
  std::vector<double> values = {0, 0};
  for (int t = 2; t < 5000; ++t) {
    values.push_back(1.2 * values[t - 1] - 0.5 * values[t - 2] + normal.Next());
  }
  const Autoregression model = FitAutoregression(values, {1, 2}, 0);
  EXPECT_THAT(model.lags, ElementsAre(1, 2));
  EXPECT_THAT(model.coefficients,
              ElementsAre(DoubleNear(1.2, 0.05), DoubleNear(-0.5, 0.05)));
  EXPECT_NEAR(model.variance, 1, 0.1);
}

// The change over 3 periods is c times the change one period before, so that
// y(t) = c y(t-1) + y(t-3) - c y(t-4).
TEST(FitAutoregressionTest, UndoesTheDifference) {
  NormalGenerator normal(2);
  std::vector<double> values;
  for (int t = 0; t < 60; ++t) values.push_back(normal.Next());
  const Autoregression model = FitAutoregression(values, {1}, 3);
  ASSERT_THAT(model.lags, ElementsAre(1, 3, 4));
  EXPECT_EQ(model.coefficients[1], 1);
  EXPECT_EQ(model.coefficients[2], -model.coefficients[0]);
}

TEST(ContinueTest, FeedsItsOwnValuesBack) {
  const Autoregression fibonacci = {{1, 2}, {1, 1}, 0};
  EXPECT_THAT(Continue(fibonacci, {7, 1, 1}, 4), ElementsAre(2, 3, 5, 8));
}

TEST(RidgeArTest, ContinuesTwoCyclesExactly) {
  const auto value = [](int t) {
    return 50 + 10 * std::sin(t * M_PI / 6) + ((t / 12) % 7 >= 5 ? 20.0 : 0.0);
  };
  std::vector<double> values;
  for (int t = 0; t < 840; ++t) values.push_back(value(t));
  std::vector<double> expected;
  for (int t = 840; t < 924; ++t) expected.push_back(value(t));
  const Forecast forecast =
      MakeForecast(values, RidgeWithCycles(84, 12, {84})).value();
  EXPECT_EQ(forecast.model, "Ridge autoregression with cycles of 12, 84");
  EXPECT_THAT(forecast.point, Pointwise(DoubleNear(0.01), expected));
}

TEST(RidgeArTest, SpreadsLikeARandomWalkOnARandomWalk) {
  NormalGenerator normal(11);
  // Far from zero, where square roots and logarithms are nearly straight.
  std::vector<double> values = {1000};
  for (int t = 1; t < 1000; ++t) {
    values.push_back(values.back() + normal.Next());
  }
  Options options = RidgeWithCycles(9, 1, {});
  options.probabilities = {0.0228, 0.5, 0.9772};  // two deviations
  const Forecast forecast = MakeForecast(values, options).value();
  EXPECT_NEAR(forecast.quantiles[0][2] - forecast.quantiles[0][1], 2, 0.3);
  EXPECT_NEAR(forecast.quantiles[8][2] - forecast.quantiles[8][1], 6, 1.5);
}

TEST(RidgeArTest, ForecastOfGrowthDoesNotLeaveTwoRangesOfTheValues) {
  std::vector<double> values;
  for (int t = 0; t < 60; ++t) values.push_back(std::exp(0.2 * t));
  const Forecast forecast =
      MakeForecast(values, RidgeWithCycles(30, 1, {})).value();
  const double range = values.back() - values.front();
  for (double point : forecast.point) {
    EXPECT_LE(point, values.back() + 2 * range);
  }
}

TEST(RidgeArTest, ShortSeriesFallsBackToNaiveAndSaysHowManyItNeeds) {
  const Forecast forecast =
      MakeForecast({1, 2, 3, 2, 4}, RidgeWithCycles(2, 1, {})).value();
  EXPECT_EQ(forecast.model, "Naive");
  EXPECT_THAT(forecast.notes,
              Contains(HasSubstr("the ridge autoregression needs at least 12 "
                                 "values, and there are 5")));
}

}  // namespace
}  // namespace headway::forecast
