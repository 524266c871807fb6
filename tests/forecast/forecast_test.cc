#include "daemon/forecast/forecast.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

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

}  // namespace
}  // namespace headway::forecast
