#include "tests/forecast/sound_forecast.h"

#include <algorithm>
#include <cmath>

#include "gtest/gtest.h"

namespace headway::forecast {
namespace {

void ExpectWithin(Bounds bounds, double value) {
  ASSERT_TRUE(std::isfinite(value));
  if (bounds == Bounds::kNone) return;
  ASSERT_GE(value, 0);
  const double upper = bounds == Bounds::kPercent    ? 100
                       : bounds == Bounds::kFraction ? 1
                                                     : value;
  ASSERT_LE(value, upper);
}

}  // namespace

// Folds values of any shape into the bounds, some of them exactly onto them.
void BringWithin(Bounds bounds, std::vector<double>& values) {
  for (double& value : values) {
    if (bounds == Bounds::kNone || std::isnan(value)) continue;
    value = std::abs(value);
    if (bounds == Bounds::kPercent) value = std::min(value, 100.0);
    if (bounds == Bounds::kFraction) value = std::min(value / 10, 1.0);
  }
}

void ExpectSound(const Forecast& forecast, const Options& options) {
  const size_t horizon = options.horizon;
  ASSERT_EQ(forecast.point.size(), horizon);
  ASSERT_EQ(forecast.mean.size(), horizon);
  ASSERT_EQ(forecast.quantiles.size(), horizon);
  ASSERT_FALSE(forecast.model.empty());
  for (size_t h = 0; h < horizon; ++h) {
    ExpectWithin(options.bounds, forecast.point[h]);
    ExpectWithin(options.bounds, forecast.mean[h]);
    ASSERT_EQ(forecast.quantiles[h].size(), options.probabilities.size());
    ASSERT_TRUE(std::is_sorted(forecast.quantiles[h].begin(),
                               forecast.quantiles[h].end()));
    for (size_t i = 0; i < options.probabilities.size(); ++i) {
      const double quantile = forecast.quantiles[h][i];
      ExpectWithin(options.bounds, quantile);
      if (options.probabilities[i] < 0.5) {
        ASSERT_LE(quantile, forecast.point[h]);
      } else if (options.probabilities[i] > 0.5) {
        ASSERT_GE(quantile, forecast.point[h]);
      }
    }
  }
  if (!forecast.backtest) {
    ASSERT_TRUE(!options.backtest || !forecast.notes.empty());
    return;
  }
  ASSERT_TRUE(std::isfinite(forecast.backtest->mase));
  ASSERT_GE(forecast.backtest->smape, 0);
  ASSERT_LE(forecast.backtest->smape, 200.0001);
  ASSERT_GE(forecast.backtest->coverage80, 0);
  ASSERT_LE(forecast.backtest->coverage80, 1);
}

}  // namespace headway::forecast
