#include "daemon/forecast/arima/unit_root.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/math/stl.h"

namespace headway::forecast {
namespace {

double Mean(absl::Span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double Variance(absl::Span<const double> values) {
  const double mean = Mean(values);
  double sum = 0;
  for (double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size());
}

}  // namespace

double KpssStatistic(absl::Span<const double> values) {
  const int n = static_cast<int>(values.size());
  const double mean = Mean(values);
  std::vector<double> rest(values.begin(), values.end());
  for (double& value : rest) value -= mean;
  double level = 0;
  double squares = 0;
  double variance = 0;
  for (double value : rest) {
    level += value;
    squares += level * level;
    variance += value * value;
  }
  const int lags = static_cast<int>(3 * std::sqrt(n) / 13);
  for (int lag = 1; lag <= lags; ++lag) {
    double covariance = 0;
    for (int t = lag; t < n; ++t) covariance += rest[t] * rest[t - lag];
    variance += 2 * covariance * (1 - static_cast<double>(lag) / (lags + 1));
  }
  return variance > 0 ? squares / (static_cast<double>(n) * variance) : 0;
}

int CountDifferences(absl::Span<const double> values, int most) {
  // The 5 % point of the statistic's distribution (table 1 of the paper).
  constexpr double kCritical = 0.463;
  std::vector<double> rest(values.begin(), values.end());
  int count = 0;
  while (count < most && rest.size() > 1 && !IsNearlyConstant(rest) &&
         KpssStatistic(rest) > kCritical) {
    for (size_t t = 0; t + 1 < rest.size(); ++t)
      rest[t] = rest[t + 1] - rest[t];
    rest.pop_back();
    ++count;
  }
  return count;
}

double SeasonalStrength(absl::Span<const double> values, int season,
                        StopRequest stop) {
  // The seasonal window of R's `mstl`.
  constexpr int kSeasonalWindow = 11;
  const StlDecomposition parts =
      DecomposeStl(values, DefaultStlOptions(season, kSeasonalWindow), stop);
  std::vector<double> detrended(values.size());
  std::vector<double> remainder(values.size());
  for (size_t t = 0; t < values.size(); ++t) {
    detrended[t] = values[t] - parts.trend[t];
    remainder[t] = detrended[t] - parts.seasonal[t];
  }
  const double variance = Variance(detrended);
  if (!(variance > 0)) return 0;
  return std::clamp(1 - Variance(remainder) / variance, 0.0, 1.0);
}

bool NeedsSeasonalDifference(absl::Span<const double> values, int season,
                             StopRequest stop) {
  constexpr double kThreshold = 0.64;
  if (season < 2 || values.size() <= 2 * static_cast<size_t>(season) ||
      IsNearlyConstant(values)) {
    return false;
  }
  return SeasonalStrength(values, season, stop) > kThreshold;
}

}  // namespace headway::forecast
