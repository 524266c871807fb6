#include "daemon/forecast/models/flair.h"

#include <cmath>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Options FlairWithCycles(int horizon, int season,
                        std::vector<int> long_seasons) {
  Options options;
  options.method = "flair";
  options.horizon = horizon;
  options.season = season;
  options.long_seasons = std::move(long_seasons);
  options.backtest = false;
  return options;
}

// The singular values of ((3, 0), (4, 5)) are 3 sqrt 5 and sqrt 5: the squares
// sum to 50 and their product is the squared determinant, 225.
TEST(FirstSingularSquareTest, AgreesWithAMatrixByHand) {
  EXPECT_NEAR(FirstSingularSquare({3, 0, 4, 5}, 2), 45, 1e-9);
}

TEST(FirstSingularSquareTest, IsAllOfAMatrixOfRankOne) {
  EXPECT_NEAR(FirstSingularSquare({1, 2, 3, 2, 4, 6}, 3), 14 + 56, 1e-9);
}

const double kShape[] = {0.5, 1.5, 1.2, 0.8};

TEST(FlairTest, MultipliesAGrowingLevelWithAFrozenShape) {
  std::vector<double> values;
  for (int t = 0; t < 80; ++t) {
    values.push_back(100 * std::pow(1.02, t / 4) * kShape[t % 4]);
  }
  const Forecast forecast =
      MakeForecast(values, FlairWithCycles(8, 4, {})).value();
  EXPECT_EQ(forecast.model, "Level times shape with a cycle of 4");
  for (int h = 0; h < 8; ++h) {
    const int t = 80 + h;
    const double expected = 100 * std::pow(1.02, t / 4) * kShape[t % 4];
    EXPECT_NEAR(forecast.point[h] / expected, 1, 0.01) << h;
  }
}

// Two days of seven have a shape and a size of their own.
double WeekValue(int t) {
  const double weekend[] = {1.1, 0.7, 1.2, 1.0};
  const bool is_weekend = (t / 4) % 7 >= 5;
  return 100 * (is_weekend ? 0.6 * weekend[t % 4] : kShape[t % 4]);
}

TEST(FlairTest, KnowsTheShapeAndSizeOfEachDayOfTheWeek) {
  std::vector<double> values;
  for (int t = 0; t < 420; ++t) values.push_back(WeekValue(t));
  const Forecast forecast =
      MakeForecast(values, FlairWithCycles(28, 4, {28})).value();
  EXPECT_EQ(forecast.model, "Level times shape with cycles of 4, 28");
  for (int h = 0; h < 28; ++h) {
    EXPECT_NEAR(forecast.point[h] / WeekValue(420 + h), 1, 0.05) << h;
  }
}

TEST(FlairTest, GivesUpACycleWithoutAShape) {
  NormalGenerator normal(2);
  std::vector<double> values;
  for (int t = 0; t < 120; ++t) values.push_back(100 + normal.Next());
  EXPECT_EQ(MakeForecast(values, FlairWithCycles(12, 12, {}))->model,
            "Level times shape");
}

TEST(FlairTest, IntervalsCoverNoiseOfTheShape) {
  NormalGenerator normal(6);
  std::vector<double> values;
  for (int t = 0; t < 480; ++t) {
    values.push_back(100 * kShape[t % 4] * (1 + 0.05 * normal.Next()));
  }
  Options options = FlairWithCycles(80, 4, {});
  options.probabilities = {0.1, 0.9};
  const Forecast forecast =
      MakeForecast(absl::MakeConstSpan(values).first(400), options).value();
  int covered = 0;
  for (int h = 0; h < 80; ++h) {
    if (values[400 + h] >= forecast.quantiles[h][0] &&
        values[400 + h] <= forecast.quantiles[h][1]) {
      ++covered;
    }
  }
  EXPECT_GE(covered, 56);
  EXPECT_LE(covered, 78);
}

TEST(FlairTest, TakesValuesThatAreNotPositive) {
  std::vector<double> values;
  for (int t = 0; t < 80; ++t) values.push_back(10 * kShape[t % 4] - 10);
  const Forecast forecast =
      MakeForecast(values, FlairWithCycles(4, 4, {})).value();
  for (int h = 0; h < 4; ++h) {
    EXPECT_NEAR(forecast.point[h], 10 * kShape[h] - 10, 0.1) << h;
  }
}

TEST(FlairTest, ShortSeriesFallsBackToNaiveAndSaysHowManyItNeeds) {
  const Forecast forecast =
      MakeForecast({1, 3, 2}, FlairWithCycles(2, 4, {})).value();
  EXPECT_EQ(forecast.model, "Naive");
  EXPECT_THAT(forecast.notes,
              Contains(HasSubstr("needs at least 8 values, and there are 3")));
}

}  // namespace
}  // namespace headway::forecast
