// Forecasts that their caller gives up.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/anomalies.h"
#include "daemon/forecast/batch.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {
namespace {

// Positive values with a trend, the cycles given and noise, some zero where
// demand is intermittent.
std::vector<double> LongSeries(int n, const std::vector<int>& cycles) {
  std::vector<double> values;
  for (int t = 0; t < n; ++t) {
    double value = 50 + 0.01 * t + (t * 7919L % 1009) * 0.01;
    for (int cycle : cycles) {
      value += 10 * std::sin(2 * M_PI * (t % cycle) / cycle);
    }
    values.push_back(value);
  }
  return values;
}

struct LongCase {
  std::string name;
  std::vector<double> values;
  Options options;
};

std::vector<LongCase> LongCases() {
  LongCase daily{"daily", LongSeries(6000, {7}), {}};
  daily.options.season = 7;
  LongCase hourly{"hourly", LongSeries(168 * 8, {24, 168}), {}};
  hourly.options.season = 24;
  hourly.options.long_seasons = {168};
  return {daily, hourly};
}

TEST(StopTest, EveryMethodIsCancelledByAStopAtAnyTime) {
  for (const LongCase& one : LongCases()) {
    for (const absl::string_view method : MethodNames()) {
      for (const int stop_at : {1, 2, 3, 10, 50}) {
        Options options = one.options;
        options.method = std::string(method);
        options.backtest = false;
        int asked = 0;
        options.stopped = [&asked, stop_at] { return ++asked >= stop_at; };
        const absl::StatusOr<Forecast> made = MakeForecast(one.values, options);
        const std::string what =
            absl::StrCat(method, " of ", one.name, ", stopped at question ",
                         stop_at, ": ", made.status().ToString());
        // Asked at the start and at the end at least.
        if (stop_at <= 2) {
          ASSERT_EQ(asked, stop_at) << what;
        }
        // A yes is the last question; methods that are done before are not
        // stopped.
        ASSERT_LE(asked, stop_at) << what;
        EXPECT_EQ(made.status().code(), asked == stop_at
                                            ? absl::StatusCode::kCancelled
                                            : absl::StatusCode::kOk)
            << what;
      }
    }
  }
}

TEST(StopTest, AMethodThatTakesLongIsAskedAllTheWhile) {
  const LongCase hourly = LongCases().back();
  for (const std::string method :
       {"auto_ets", "auto_ces", "auto_arima", "structural", "mstl", "ridge_ar",
        "bates_granger", "logistic", "auto_theta", "auto_best"}) {
    Options options = hourly.options;
    options.method = method;
    options.backtest = false;
    int asked = 0;
    options.stopped = [&asked] { return ++asked >= 10; };
    EXPECT_TRUE(
        absl::IsCancelled(MakeForecast(hourly.values, options).status()))
        << method;
    EXPECT_EQ(asked, 10) << method;
  }
}

TEST(StopTest, ASeriesWithGapsIsCancelledToo) {
  LongCase daily = LongCases().front();
  for (size_t t = 10; t < daily.values.size(); t += 300) {
    daily.values[t] = std::numeric_limits<double>::quiet_NaN();
  }
  for (const absl::string_view method : MethodNames()) {
    Options options = daily.options;
    options.method = std::string(method);
    options.season = 1000;
    options.backtest = false;
    int asked = 0;
    options.stopped = [&asked] { return ++asked >= 2; };
    EXPECT_TRUE(absl::IsCancelled(MakeForecast(daily.values, options).status()))
        << method;
  }
}

TEST(StopTest, AStopDuringTheBacktestIsCancelled) {
  Options options;
  options.method = "naive";
  const std::vector<double> values = LongSeries(100, {7});
  int all = 0;
  options.stopped = [&all] {
    ++all;
    return false;
  };
  ASSERT_TRUE(MakeForecast(values, options).ok());
  int asked = 0;
  options.stopped = [&] { return ++asked == all; };
  EXPECT_EQ(MakeForecast(values, options).status().message(),
            "the forecast was given up");
  EXPECT_EQ(asked, all);
}

TEST(StopTest, AskingChangesNoBit) {
  const LongCase hourly = LongCases().back();
  for (const std::string method : {"auto", "auto_ets", "structural"}) {
    Options options = hourly.options;
    options.method = method;
    options.backtest = false;
    const auto alone = MakeForecast(hourly.values, options);
    options.stopped = [] { return false; };
    const auto asked = MakeForecast(hourly.values, options);
    ASSERT_TRUE(alone.ok() && asked.ok()) << method;
    EXPECT_EQ(alone->model, asked->model);
    EXPECT_EQ(alone->point, asked->point) << method;
    EXPECT_EQ(alone->quantiles, asked->quantiles) << method;
  }
}

TEST(StopTest, AStopEndsEveryJobOfABatch) {
  const std::vector<double> values = LongSeries(3000, {7});
  Options options;
  options.method = "auto_ets";
  options.season = 7;
  options.stopped = [] { return true; };
  const std::vector<Job> jobs(5, Job{values, &options});
  for (const absl::StatusOr<Forecast>& one : MakeForecasts(jobs, nullptr, 1)) {
    EXPECT_TRUE(absl::IsCancelled(one.status())) << one.status();
  }
}

TEST(StopTest, TheSearchForAnomaliesIsCancelled) {
  std::vector<double> values = LongSeries(6000, {7});
  for (size_t t = 50; t < values.size(); t += 100) values[t] += 500;
  int all = 0;
  ASSERT_TRUE(FindAnomalies(values, 7, [&all] {
                ++all;
                return false;
              }).ok());
  ASSERT_GT(all, 20);
  for (const int stop_at : {1, 2, 10, all / 2, all}) {
    int asked = 0;
    EXPECT_TRUE(absl::IsCancelled(
        FindAnomalies(values, 7, [&] { return ++asked >= stop_at; }).status()))
        << stop_at;
    EXPECT_EQ(asked, stop_at);
  }
}

}  // namespace
}  // namespace headway::forecast
