#include "daemon/forecast/forecast.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"

namespace headway::forecast {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Options WithMethod(const char* method, int horizon = 3, int season = 1) {
  Options options;
  options.method = method;
  options.horizon = horizon;
  options.season = season;
  return options;
}

TEST(MakeForecastTest, NaiveRepeatsTheLastValueAndSpreadsWithTheSquareRoot) {
  const std::vector<double> values = {10, 12, 11, 13};
  Options options = WithMethod("naive", 4);
  options.probabilities = {0.5, 0.975};
  const Forecast forecast = MakeForecast(values, options).value();
  EXPECT_EQ(forecast.model, "Naive");
  EXPECT_THAT(forecast.point, ElementsAre(13, 13, 13, 13));
  // The changes are 2, -1, 2: their mean square is 3.
  EXPECT_THAT(forecast.quantiles[3][1],
              DoubleNear(13 + 1.959963984540054 * std::sqrt(12.0), 1e-12));
  EXPECT_THAT(forecast.quantiles[3][0], DoubleNear(13, 1e-12));
}

TEST(MakeForecastTest, SeasonalNaiveRepeatsTheLastCycle) {
  const std::vector<double> values = {1, 2, 3, 4, 3, 4, 5, 6};
  const Forecast forecast =
      MakeForecast(values, WithMethod("seasonal_naive", 6, 4)).value();
  EXPECT_THAT(forecast.point, ElementsAre(3, 4, 5, 6, 3, 4));
}

TEST(MakeForecastTest, DriftContinuesTheLineThroughTheEnds) {
  const std::vector<double> values = {1, 4, 2, 7};
  EXPECT_THAT(MakeForecast(values, WithMethod("drift"))->point,
              ElementsAre(9, 11, 13));
}

TEST(MakeForecastTest, ForecastStartsAfterMissingValuesAtTheEnd) {
  const std::vector<double> values = {1, 4, 2, 7, kMissing};
  EXPECT_THAT(MakeForecast(values, WithMethod("drift", 2))->point,
              ElementsAre(11, 13));
}

TEST(MakeForecastTest, UnknownMethodIsAnErrorThatListsTheMethods) {
  const std::vector<double> values = {1, 2, 3};
  const absl::Status status =
      MakeForecast(values, WithMethod("autoetz")).status();
  EXPECT_THAT(status.ToString(), HasSubstr("unknown method \"autoetz\""));
  EXPECT_THAT(status.ToString(), HasSubstr("naive"));
}

struct BadOptions {
  const char* name;
  void (*spoil)(Options&);
  const char* message;
};

class MakeForecastOptionsTest : public ::testing::TestWithParam<BadOptions> {};

TEST_P(MakeForecastOptionsTest, BadOptionIsAnErrorThatNamesTheValue) {
  Options options;
  GetParam().spoil(options);
  const absl::Status status =
      MakeForecast({1, 2, 3, 4, 5, 4, 6}, options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.ToString(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Options, MakeForecastOptionsTest,
    ::testing::Values(
        BadOptions{"NoHorizon", [](Options& o) { o.horizon = 0; },
                   "horizon 0 is out of range; choose 1 to 1000"},
        BadOptions{"LongHorizon", [](Options& o) { o.horizon = 1001; },
                   "horizon 1001"},
        BadOptions{"NoSeason", [](Options& o) { o.season = 0; }, "season 0"},
        BadOptions{"LongSeasonNoLongerThanTheSeason",
                   [](Options& o) {
                     o.season = 24;
                     o.long_seasons = {24};
                   },
                   "long season 24 is out of order or range; give cycles that "
                   "rise, each longer than the season of 24"},
        BadOptions{"FallingLongSeasons",
                   [](Options& o) {
                     o.long_seasons = {365, 7};
                   },
                   "long season 7 is out of order"},
        BadOptions{"EndlessLongSeason",
                   [](Options& o) { o.long_seasons = {10001}; },
                   "long season 10001"},
        BadOptions{"TooManyLongSeasons",
                   [](Options& o) {
                     o.long_seasons = {2, 3, 4, 5, 6};
                   },
                   "5 long seasons are too many; give at most 4"},
        BadOptions{"FallingProbabilities",
                   [](Options& o) {
                     o.probabilities = {0.5, 0.4};
                   },
                   "probability 0.4 is out of order"},
        BadOptions{"ProbabilityOne",
                   [](Options& o) {
                     o.probabilities = {0.5, 1};
                   },
                   "probability 1 is out of order or range"},
        BadOptions{"MissingProbability",
                   [](Options& o) { o.probabilities = {kMissing}; },
                   "probability nan"}),
    [](const auto& info) { return info.param.name; });

TEST(MakeForecastTest, InfiniteValueIsAnErrorThatNamesItsPosition) {
  const std::vector<double> values = {
      1, std::numeric_limits<double>::infinity(), 3};
  EXPECT_THAT(MakeForecast(values, Options{}).status().ToString(),
              HasSubstr("value inf at position 2 is infinite"));
}

TEST(MakeForecastTest, OneValueIsAnErrorThatSaysHowManyItNeeds) {
  EXPECT_THAT(MakeForecast({kMissing, 3}, Options{}).status().ToString(),
              HasSubstr("the series has 1 value; a forecast needs at least 2"));
}

TEST(MakeForecastTest, ShortSeriesFallsBackToNaiveAndSaysSo) {
  const Forecast forecast =
      MakeForecast({5, 7, 6}, WithMethod("auto_ets")).value();
  EXPECT_EQ(forecast.model, "Naive");
  EXPECT_THAT(forecast.notes,
              Contains(HasSubstr("exponential smoothing needs at least 5 "
                                 "values, and there are 3; the naive method "
                                 "was used instead")));
}

TEST(MakeForecastTest, ConstantSeriesIsContinuedWithoutSpreadAndSaysSo) {
  const Forecast forecast =
      MakeForecast({4, 4, 4, 4}, WithMethod("auto")).value();
  EXPECT_THAT(forecast.point, ElementsAre(4, 4, 4));
  EXPECT_EQ(forecast.quantiles[2].front(), 4);
  EXPECT_THAT(forecast.notes, Contains(HasSubstr("every value is the same")));
}

TEST(MakeForecastTest, AutoFastScoresItselfFromOneOrigin) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(50 + t + (t * 7 % 5));
  const Forecast forecast =
      MakeForecast(values, WithMethod("auto_fast")).value();
  ASSERT_TRUE(forecast.backtest.has_value());
  EXPECT_EQ(forecast.backtest->origins, 1);
}

TEST(MakeForecastTest, FewValuesAreSaid) {
  EXPECT_THAT(MakeForecast({5, 7, 6, 9, 8}, WithMethod("auto"))->notes,
              Contains(HasSubstr("only 5 values")));
}

TEST(MakeForecastTest, AutoScoresItselfOnThePast) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(50 + t + (t * 7 % 5));
  const Forecast forecast = MakeForecast(values, WithMethod("auto")).value();
  ASSERT_TRUE(forecast.backtest.has_value());
  EXPECT_EQ(forecast.backtest->origins, 3);
  // Steps of one with noise of size two, which the naive method cannot tell.
  EXPECT_LT(forecast.backtest->mase, 1);
}

TEST(MakeForecastTest, MeanOfABoundedForecastLiesAboveItsMedianWhenSkewed) {
  std::vector<double> values;
  for (int t = 0; t < 40; ++t) values.push_back(1 + t * 7 % 5);
  Options options = WithMethod("naive", 10);
  options.bounds = Bounds::kNonNegative;
  options.probabilities = {0.025, 0.5, 0.975};
  const Forecast forecast = MakeForecast(values, options).value();
  EXPECT_GT(forecast.quantiles[9][0], 0);
  EXPECT_NEAR(forecast.quantiles[9][1], forecast.point[9], 1e-9);
  EXPECT_GT(forecast.mean[9], forecast.point[9]);
}

TEST(MakeForecastTest, ValuesOnTheBoundAreNoted) {
  Options options = WithMethod("theta");
  options.bounds = Bounds::kPercent;
  const Forecast forecast =
      MakeForecast({0, 5, 20, 60, 90, 100, 100, 100}, options).value();
  EXPECT_THAT(forecast.notes,
              Contains(HasSubstr("4 values on or close to a bound")));
}

TEST(MethodNamesTest, EveryNameIsKnownAndNothingElse) {
  for (absl::string_view name : MethodNames()) EXPECT_TRUE(IsMethodName(name));
  EXPECT_FALSE(IsMethodName("autoetz"));
  EXPECT_FALSE(IsMethodName(""));
}

}  // namespace
}  // namespace headway::forecast
