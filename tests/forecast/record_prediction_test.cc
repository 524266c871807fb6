#include <cmath>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

using ::testing::Each;
using ::testing::Ge;

Options OfRecords(int horizon) {
  Options options;
  options.horizon = horizon;
  options.quantity = Quantity::kRecord;
  return options;
}

// One more every third step.
std::vector<double> EveryThirdStep(int size) {
  std::vector<double> values;
  for (int t = 0; t < size; ++t) values.push_back(100 + std::floor(t / 3.0));
  return values;
}

TEST(RecordForecastTest, NothingLiesBelowTheRecord) {
  const Forecast forecast =
      MakeForecast(EveryThirdStep(48), OfRecords(12)).value();
  EXPECT_THAT(forecast.point, Each(Ge(115)));
  for (const std::vector<double>& quantiles : forecast.quantiles) {
    EXPECT_THAT(quantiles, Each(Ge(115)));
  }
}

TEST(RecordForecastTest, RisesAsOftenAsOfLate) {
  const Forecast forecast =
      MakeForecast(EveryThirdStep(48), OfRecords(12)).value();
  EXPECT_NEAR(forecast.mean[11], 119, 0.7);
  EXPECT_NEAR(forecast.point[11], 119, 1);
}

TEST(RecordForecastTest, OfFewRecordsTheLevelIsKeptUp) {
  const Forecast forecast =
      MakeForecast({5, 5, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7}, OfRecords(4)).value();
  EXPECT_THAT(forecast.notes,
              ::testing::Contains(::testing::HasSubstr("has 2 records")));
  for (const std::vector<double>& quantiles : forecast.quantiles) {
    EXPECT_THAT(quantiles, Each(Ge(7)));
  }
}

}  // namespace
}  // namespace headway::forecast
