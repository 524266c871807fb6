// Series put together at random, of 0 to 10,000 values from 1e-300 to 1e300 in
// size, with whatever real ones have: every method gives a sound forecast of
// each or says why not.
//
// A failure names the seed and the case; HEADWAY_TEST_SEED=N runs other ones.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/forecast.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/forecast/sound_forecast.h"
#include "tests/support/random_seed.h"

namespace headway::forecast {
namespace {

constexpr uint64_t kDefaultSeed = 20260719;
// Of each method. Most are short, where the special cases are; the last ones
// are the longest.
#ifdef HEADWAY_SANITIZED
constexpr int kCases = 30;
constexpr int kLongCases = 1;
#else
constexpr int kCases = 120;
constexpr int kLongCases = 3;
#endif
constexpr int kLongest = 10'000;
constexpr int kOrdinary = 400;

// The standard library's distributions differ between implementations.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  // In [0, 1).
  double Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double Between(double low, double high) {
    return low + (high - low) * Uniform();
  }
  // Each of 0 to n - 1.
  int Below(int n) { return static_cast<int>(Uniform() * n); }
  bool Happens(double probability) { return Uniform() < probability; }
  // Roughly normal.
  double Noise() {
    return Uniform() + Uniform() + Uniform() - Uniform() - Uniform() -
           Uniform();
  }

 private:
  std::mt19937_64 engine_;
};

struct Case {
  std::vector<double> values;
  Options options;
  // What it was made of.
  std::string parts;
};

// The pattern that the disturbances below are laid on.
void AddPattern(Dice& dice, int season, Case& made) {
  const double level = dice.Happens(0.2) ? 0 : dice.Between(-5, 20);
  const double slope = dice.Happens(0.5) ? 0 : dice.Between(-0.1, 0.3);
  const double growth = dice.Happens(0.8) ? 0 : dice.Between(-0.01, 0.02);
  const double wave = dice.Happens(0.5) ? 0 : dice.Between(0, 8);
  const double noise = dice.Happens(0.2) ? 0 : dice.Between(0, 3);
  const double step = dice.Happens(0.7) ? 0 : dice.Between(-50, 50);
  const double walk = dice.Happens(0.6) ? 0 : dice.Between(0, 2);
  const auto n = static_cast<int>(made.values.size());
  const int step_at = dice.Below(n + 1);
  double drift = 0;
  for (int t = 0; t < n; ++t) {
    drift += walk * dice.Noise();
    made.values[t] = (level + slope * t + drift + (t >= step_at ? step : 0) +
                      wave * std::sin(2 * M_PI * t / std::max(season, 2)) +
                      noise * dice.Noise()) *
                     std::exp(growth * t);
  }
  absl::StrAppend(&made.parts, "level ", level, " slope ", slope, " growth ",
                  growth, " wave ", wave, " noise ", noise, " step ", step,
                  " walk ", walk);
}

void Disturb(Dice& dice, Case& made) {
  const auto each = [&](absl::string_view name, double share, auto change) {
    absl::StrAppend(&made.parts, ", ", name);
    for (double& value : made.values) {
      if (dice.Happens(share)) value = change(value);
    }
  };
  const double missing = std::numeric_limits<double>::quiet_NaN();
  if (dice.Happens(0.15))
    each("integers", 1, [](double v) { return std::round(v); });
  if (dice.Happens(0.1)) each("zeros", 0.7, [](double) { return 0.0; });
  if (dice.Happens(0.04)) each("all zero", 1, [](double) { return 0.0; });
  if (dice.Happens(0.04)) each("constant", 1, [](double) { return 4.5; });
  if (dice.Happens(0.15)) {
    each("spikes", 0.03, [](double v) { return 1e6 * (v + 1); });
  }
  if (dice.Happens(0.1))
    each("positive", 1, [](double v) { return std::abs(v) + 0.1; });
  if (dice.Happens(0.2)) {
    const double scale = std::pow(10, dice.Between(-300, 295));
    each(absl::StrCat("times ", scale), 1,
         [scale](double v) { return scale * v; });
  }
  if (dice.Happens(0.05))
    each("every size", 1, [&dice](double v) {
      return std::copysign(std::pow(10, dice.Between(-300, 300)), v);
    });
  if (dice.Happens(0.25)) {
    each("gaps", dice.Between(0, 0.6), [=](double) { return missing; });
  }
  if (dice.Happens(0.1) && !made.values.empty()) {
    absl::StrAppend(&made.parts, ", one long gap");
    const int begin = dice.Below(static_cast<int>(made.values.size()));
    const int end = std::min<int>(begin + dice.Below(60),
                                  static_cast<int>(made.values.size()));
    std::fill(made.values.begin() + begin, made.values.begin() + end, missing);
  }
}

// Shares of a whole, and money, come in their own sizes.
void PickBounds(Dice& dice, Case& made) {
  made.options.bounds = static_cast<Bounds>(dice.Below(4));
  absl::StrAppend(&made.parts, ", bounds ",
                  static_cast<int>(made.options.bounds));
  BringWithin(made.options.bounds, made.values);
}

Case Generate(uint64_t seed, int number) {
  Dice dice(seed * 1'000'003 + number);
  Case made;
  const bool is_long = number >= kCases;
  // As many of 5 to 20 values as of 100 to 400.
  const double most = is_long ? kLongest : kOrdinary;
  const double least = is_long ? kLongest / 2 : 1;
  const int n = static_cast<int>(
      std::exp(dice.Between(std::log(least), std::log(most + 1))) -
      (is_long ? 0 : 1));
  made.values.resize(n);
  const int seasons[] = {1, 1, 2, 4, 7, 12, 12, 24, 52, 365};
  made.options.season = seasons[dice.Below(10)];
  if (dice.Happens(0.2)) {
    made.options.long_seasons = {made.options.season * (2 + dice.Below(6))};
  }
  made.options.horizon =
      dice.Happens(0.05) ? 1 + dice.Below(1000) : 1 + dice.Below(30);
  made.options.seed = number;
  if (dice.Happens(0.1)) made.options.probabilities = {1e-6, 0.5, 1 - 1e-6};
  AddPattern(dice, made.options.season, made);
  Disturb(dice, made);
  PickBounds(dice, made);
  return made;
}

// No forecast: only for want of values, or because it would be too large.
void ExpectReason(const absl::Status& status, const Case& made) {
  ASSERT_GT(status.message().size(), 20u);
  double largest = 0;
  int present = 0;
  for (double value : made.values) {
    if (std::isnan(value)) continue;
    ++present;
    largest = std::max(largest, std::abs(value));
  }
  if (present < 2) {
    ASSERT_TRUE(absl::IsFailedPrecondition(status)) << status;
  } else {
    ASSERT_TRUE(absl::IsOutOfRange(status)) << status;
    ASSERT_GT(largest, 1e280) << status;
  }
}

class GeneratedSeriesTest : public ::testing::TestWithParam<absl::string_view> {
};

TEST_P(GeneratedSeriesTest, HasASoundForecastOrAReason) {
  const uint64_t seed = FromEnvironment("HEADWAY_TEST_SEED", kDefaultSeed);
  int forecasts = 0;
  for (int number = 0; number < kCases + kLongCases; ++number) {
    Case made = Generate(seed, number);
    made.options.method = std::string(GetParam());
    // The backtest is one of the things that may go wrong.
    made.options.backtest = number % 4 == 0 && number < kCases;
    SCOPED_TRACE(absl::StrCat("HEADWAY_TEST_SEED=", seed, ", case ", number,
                              ": ", made.values.size(), " values, season ",
                              made.options.season, ", horizon ",
                              made.options.horizon, "; ", made.parts));
    const auto forecast = MakeForecast(made.values, made.options);
    if (forecast.ok()) {
      ++forecasts;
      ASSERT_NO_FATAL_FAILURE(ExpectSound(*forecast, made.options));
    } else {
      ASSERT_NO_FATAL_FAILURE(ExpectReason(forecast.status(), made));
    }
  }
  std::printf("[ measured ] seed %llu: %d of %d series have a forecast\n",
              static_cast<unsigned long long>(seed), forecasts,
              kCases + kLongCases);
  EXPECT_GT(forecasts, kCases / 2);
}

INSTANTIATE_TEST_SUITE_P(
    Methods, GeneratedSeriesTest, ::testing::ValuesIn(MethodNames()),
    [](const ::testing::TestParamInfo<absl::string_view>& info) {
      return std::string(info.param);
    });

}  // namespace
}  // namespace headway::forecast
