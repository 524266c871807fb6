// Whatever the series: a finite forecast with ordered quantiles within the
// bounds, or an error that says why.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "daemon/forecast/forecast.h"
#include "daemon/forecast/math/normal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/missing.h"
#include "tests/forecast/sound_forecast.h"

namespace headway::forecast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Shape = double (*)(int t, NormalGenerator& normal);

const std::map<std::string, Shape>& Shapes() {
  static const auto* const shapes = new std::map<std::string, Shape>{
      {"constant", [](int, NormalGenerator&) { return 3.0; }},
      {"all zero", [](int, NormalGenerator&) { return 0.0; }},
      {"line", [](int t, NormalGenerator&) { return 1.0 + t; }},
      {"falling", [](int t, NormalGenerator&) { return 1e3 - 7.0 * t; }},
      {"noise", [](int, NormalGenerator& n) { return n.Next(); }},
      {"walk",
       [](int t, NormalGenerator& n) { return 5 + 0.1 * t + n.Next(); }},
      {"season",
       [](int t, NormalGenerator& n) {
         return 100 + 30 * std::sin(t * M_PI / 6) + n.Next();
       }},
      {"exact season", [](int t, NormalGenerator&) { return 1.0 + t % 4; }},
      {"gaps",
       [](int t, NormalGenerator& n) {
         return t % 3 == 1 || t % 7 == 2 ? kMissing : 50 + n.Next();
       }},
      {"mostly gaps",
       [](int t, NormalGenerator& n) {
         return t % 29 == 5 ? 50 + n.Next() : kMissing;
       }},
      {"tiny", [](int, NormalGenerator& n) { return 1e-300 * (2 + n.Next()); }},
      {"huge", [](int, NormalGenerator& n) { return 1e300 * (9 + n.Next()); }},
      {"largest",
       [](int t, NormalGenerator&) { return t % 2 ? 1.7e308 : -1.7e308; }},
      {"every size",
       [](int t, NormalGenerator&) {
         return std::pow(10.0, -300 + 600.0 * (t * 37 % 101) / 100);
       }},
      {"spikes",
       [](int t, NormalGenerator&) { return t % 13 == 6 ? 1e9 : 1.0; }},
      {"intermittent",
       [](int t, NormalGenerator&) { return t % 5 == 3 ? 4.0 : 0.0; }},
      {"integers",
       [](int, NormalGenerator& n) { return std::floor(3 * n.Next()); }},
      {"level shift",
       [](int t, NormalGenerator& n) { return (t > 20 ? 1e4 : 1) + n.Next(); }},
      {"one step", [](int t, NormalGenerator&) { return t < 15 ? 1.0 : 2.0; }},
      {"growth", [](int t, NormalGenerator&) { return std::exp(0.2 * t); }},
  };
  return *shapes;
}

std::vector<double> Generate(Shape shape, int n) {
  NormalGenerator normal(n + 1);
  std::vector<double> values(n);
  for (int t = 0; t < n; ++t) values[t] = shape(t, normal);
  return values;
}

class RobustnessTest : public ::testing::TestWithParam<absl::string_view> {};

TEST_P(RobustnessTest, EverySeriesHasASoundForecastOrAReason) {
  Options options;
  options.method.assign(GetParam().data(), GetParam().size());
  for (const auto& [name, shape] : Shapes()) {
    for (int n : {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 25, 40, 61, 120}) {
      // Bounds and seasons by turns: every pair meets every shape.
      for (int turn = 0; turn < 2; ++turn) {
        options.bounds = static_cast<Bounds>((n + turn) % 4);
        options.season = (n + turn) % 3 == 0 ? 12 : (n + turn) % 3 == 1 ? 4 : 1;
        options.horizon = 1 + n % 15;
        std::vector<double> values = Generate(shape, n);
        BringWithin(options.bounds, values);
        SCOPED_TRACE(testing::Message()
                     << name << ", " << n << " values, season "
                     << options.season << ", bounds " << (n + turn) % 4);
        const absl::StatusOr<Forecast> forecast = MakeForecast(values, options);
        if (forecast.ok()) {
          ASSERT_NO_FATAL_FAILURE(ExpectSound(*forecast, options));
        } else {
          ASSERT_THAT(forecast.status().ToString(), Not(HasSubstr("nan")));
          ASSERT_GT(forecast.status().message().size(), 20u);
          // Only these leave nothing to forecast from or with.
          ASSERT_TRUE(n < 2 || name == "mostly gaps" || name == "gaps" ||
                      name == "largest")
              << forecast.status();
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Methods, RobustnessTest, ::testing::ValuesIn(MethodNames()),
    [](const ::testing::TestParamInfo<absl::string_view>& info) {
      return std::string(info.param);
    });

// They differ, and yet are all the same on the scale without bounds.
TEST(MakeForecastTest, SharesThatAreAllAsGoodAsZeroHaveAForecast) {
  std::vector<double> values;
  for (int t = 0; t < 60; ++t) values.push_back(1e-176 * (2 + std::sin(t)));
  Options options;
  options.bounds = Bounds::kFraction;
  for (absl::string_view method : MethodNames()) {
    options.method = std::string(method);
    SCOPED_TRACE(options.method);
    const auto forecast = MakeForecast(values, options);
    ASSERT_TRUE(forecast.ok()) << forecast.status();
    ASSERT_NO_FATAL_FAILURE(ExpectSound(*forecast, options));
    EXPECT_LT(forecast->point[0], 1e-100);
  }
}

TEST(MakeForecastTest, LongestHorizonOfALongSeriesIsSound) {
  Options options;
  options.horizon = 1000;
  options.season = 7;
  options.method = "auto";
  const std::vector<double> values = Generate(Shapes().at("season"), 500);
  ASSERT_NO_FATAL_FAILURE(
      ExpectSound(MakeForecast(values, options).value(), options));
}

TEST(MakeForecastTest, GivesTheSameBitsOnAnyNumberOfThreads) {
  const std::vector<double> values = Generate(Shapes().at("season"), 60);
  Options options;
  options.season = 12;
  const Forecast alone = MakeForecast(values, options).value();
  std::vector<Forecast> answers(4);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (Forecast& answer : answers) {
    threads.emplace_back(
        [&] { answer = MakeForecast(values, options).value(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Forecast& answer : answers) {
    EXPECT_EQ(answer.model, alone.model);
    EXPECT_EQ(answer.point, alone.point);
    EXPECT_EQ(answer.mean, alone.mean);
    EXPECT_EQ(answer.quantiles, alone.quantiles);
    EXPECT_EQ(answer.backtest->mase, alone.backtest->mase);
  }
}

TEST(MakeForecastTest, IsTheSameInAnyUnitThatIsAPowerOfTwo) {
  std::vector<double> values = Generate(Shapes().at("season"), 60);
  Options options;
  options.season = 12;
  options.bounds = Bounds::kNonNegative;
  const Forecast small = MakeForecast(values, options).value();
  for (double& value : values) value *= 0x1p40;
  const Forecast large = MakeForecast(values, options).value();
  for (size_t h = 0; h < small.point.size(); ++h) {
    EXPECT_NEAR(large.point[h] / small.point[h], 0x1p40, 1e-3 * 0x1p40);
  }
}

}  // namespace
}  // namespace headway::forecast
