#include "daemon/forecast/models/mstl.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Options MstlWithCycles(int horizon, int season, std::vector<int> long_seasons) {
  Options options;
  options.method = "mstl";
  options.horizon = horizon;
  options.season = season;
  options.long_seasons = std::move(long_seasons);
  options.backtest = false;
  return options;
}

double DayAndWeek(int t) {
  const double day[] = {-1, 4, -3, 0};
  const double week[] = {5, -2, -2, 1, 0, 0, -2};
  return 100 + day[t % 4] + week[(t / 4) % 7];
}

std::vector<double> Noisy(int n, double size) {
  NormalGenerator normal(4);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) values[t] = DayAndWeek(t) + size * normal.Next();
  return values;
}

TEST(MstlTest, RepeatsBothCycles) {
  const Forecast forecast =
      MakeForecast(Noisy(280, 0.1), MstlWithCycles(56, 4, {28})).value();
  EXPECT_THAT(forecast.model, StartsWith("MSTL with cycles of 4, 28 and ETS("));
  for (int h = 0; h < 56; ++h) {
    EXPECT_NEAR(forecast.point[h], DayAndWeek(280 + h), 0.5) << h;
  }
}

TEST(MstlTest, IntervalsHoldTheSpreadOfChangingSeasonsToo) {
  // Each season walks at random by itself: nothing else varies.
  NormalGenerator normal(9);
  std::vector<double> season(12, 0.0);
  std::vector<double> values;
  for (int t = 0; t < 360; ++t) {
    season[t % 12] += normal.Next();
    values.push_back(1000 + season[t % 12]);
  }
  Options options = MstlWithCycles(12, 12, {});
  options.probabilities = {0.1, 0.9};
  const Forecast seasonal = MakeForecast(values, options).value();
  // A cycle ahead the deviation is 1 by construction: 80 % lie within 1.28.
  for (int h = 0; h < 12; ++h) {
    EXPECT_GT(seasonal.quantiles[h][1] - seasonal.quantiles[h][0], 1.5) << h;
    EXPECT_LT(seasonal.quantiles[h][1] - seasonal.quantiles[h][0], 4) << h;
  }
}

TEST(MstlTest, WithoutACycleIsExponentialSmoothingOfLogarithms) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(50 + 7 * t % 11);
  const Forecast forecast =
      MakeForecast(values, MstlWithCycles(3, 1, {})).value();
  EXPECT_THAT(forecast.model, StartsWith("MSTL and ETS("));
}

TEST(MstlTest, TakesValuesThatAreNotPositive) {
  std::vector<double> values = Noisy(280, 0.1);
  for (double& value : values) value -= 100;
  const Forecast forecast =
      MakeForecast(values, MstlWithCycles(28, 4, {28})).value();
  for (int h = 0; h < 28; ++h) {
    EXPECT_NEAR(forecast.point[h], DayAndWeek(280 + h) - 100, 0.5) << h;
  }
}

TEST(MstlTest, ShortSeriesFallsBackToNaiveAndSaysSo) {
  const Forecast forecast =
      MakeForecast({1, 3, 2}, MstlWithCycles(2, 4, {})).value();
  EXPECT_EQ(forecast.model, "Naive");
  EXPECT_THAT(forecast.notes[0], HasSubstr("needs at least"));
}

}  // namespace
}  // namespace headway::forecast
