#include "daemon/forecast/calibration/traits.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

// What lies further back says little about the errors to come, and would make
// the cost grow with the square of the length.
constexpr size_t kMostValues = 1000;

double MeanOf(absl::Span<const double> values) {
  double mean = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    mean += (values[i] - mean) / static_cast<double>(i + 1);
  }
  return mean;
}

// The root of the mean squared deviation from `centre`.
double Deviation(absl::Span<const double> values, double centre) {
  double squares = 0;
  for (double value : values) squares += (value - centre) * (value - centre);
  return values.empty()
             ? 0.0
             : std::sqrt(squares / static_cast<double>(values.size()));
}

// The values less the line through them by least squares.
std::vector<double> Detrended(absl::Span<const double> values) {
  const double middle = 0.5 * (static_cast<double>(values.size()) - 1);
  const double mean = MeanOf(values);
  double products = 0;
  double squares = 0;
  for (size_t t = 0; t < values.size(); ++t) {
    const double time = static_cast<double>(t) - middle;
    products += time * (values[t] - mean);
    squares += time * time;
  }
  const double slope = squares > 0 ? products / squares : 0;
  std::vector<double> rest(values.size());
  for (size_t t = 0; t < values.size(); ++t) {
    rest[t] = values[t] - mean - slope * (static_cast<double>(t) - middle);
  }
  return rest;
}

// The t statistic of the slope in a regression of the changes on the values
// before them, which are centred.
double ReturnStatistic(absl::Span<const double> centred) {
  const size_t n = centred.size() - 1;
  const double mean = MeanOf(centred.first(n));
  double mean_change =
      (centred.back() - centred.front()) / static_cast<double>(n);
  double squares = 0;
  double products = 0;
  double changes = 0;
  for (size_t t = 0; t < n; ++t) {
    const double value = centred[t] - mean;
    const double change = centred[t + 1] - centred[t] - mean_change;
    squares += value * value;
    products += value * change;
    changes += change * change;
  }
  if (!(squares > 0) || n < 4) return 0;
  const double rest = changes - products * products / squares;
  const double variance = rest / static_cast<double>(n - 2);
  return variance > 0 ? products / std::sqrt(variance * squares) : -10;
}

void DescribeChanges(absl::Span<const double> values, Traits& traits) {
  std::vector<double> changes(values.size() - 1);
  for (size_t t = 0; t < changes.size(); ++t) {
    changes[t] = values[t + 1] - values[t];
  }
  const double mean = MeanOf(changes);
  const double deviation = Deviation(changes, mean);
  if (!(deviation > 0)) return;
  traits.drift = std::abs(mean) / deviation;
  double absolute = 0;
  double products = 0;
  for (size_t t = 0; t < changes.size(); ++t) {
    absolute += std::abs(changes[t] - mean);
    if (t > 0) products += (changes[t] - mean) * (changes[t - 1] - mean);
  }
  const double count = static_cast<double>(changes.size());
  traits.tails =
      deviation / (std::sqrt(std::numbers::pi / 2) * absolute / count);
  traits.rebound = products / (deviation * deviation * count);
  const size_t last =
      std::min(changes.size(), std::max<size_t>(4, changes.size() / 5));
  traits.recent =
      Deviation(absl::MakeConstSpan(changes).last(last), mean) / deviation;
}

// [h - 1] for h up to `horizon`.
std::vector<double> ChangesByDistance(absl::Span<const double> values,
                                      int horizon) {
  const int n = static_cast<int>(values.size());
  const double drift = (values.back() - values.front()) / (n - 1);
  std::vector<double> changes(horizon);
  for (int h = 1; h <= horizon; ++h) {
    if (h > 1 && h > n / 2) {
      changes[h - 1] = changes[h - 2];
      continue;
    }
    double squares = 0;
    for (int t = h; t < n; ++t) {
      const double change = values[t] - values[t - h] - h * drift;
      squares += change * change;
    }
    changes[h - 1] = std::sqrt(squares / (n - h));
  }
  return changes;
}

}  // namespace

double ReturnToLine(absl::Span<const double> values) {
  return ReturnStatistic(Detrended(values));
}

Traits DescribeSeries(absl::Span<const double> values, int season, int horizon,
                      StopRequest stop) {
  Traits traits;
  traits.length = CountPresent(values);
  traits.season = season;
  const std::vector<double> filled = FillGaps(values, season, stop);
  const SeasonalAdjustment adjustment(filled, season, stop);
  traits.is_seasonal = adjustment.is_seasonal();
  const std::vector<double> all = adjustment.Adjusted(filled);
  const absl::Span<const double> adjusted =
      absl::MakeConstSpan(all).last(std::min(all.size(), kMostValues));
  traits.change = ChangesByDistance(adjusted, horizon);
  const std::vector<double> rest = Detrended(adjusted);
  traits.spread = Deviation(rest, 0);
  traits.return_to_level = ReturnStatistic(adjusted);
  traits.return_to_line = ReturnStatistic(rest);
  DescribeChanges(adjusted, traits);
  return traits;
}

}  // namespace headway::forecast
