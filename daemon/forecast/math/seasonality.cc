#include "daemon/forecast/math/seasonality.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "daemon/forecast/math/constants.h"

namespace headway::forecast {
namespace {

// Dividing by an index below this would blow the values up.
constexpr double kLeastIndex = 0.01;

double Autocovariance(absl::Span<const double> values, double mean, int lag) {
  double sum = 0;
  for (size_t t = lag; t < values.size(); ++t) {
    sum += (values[t] - mean) * (values[t - lag] - mean);
  }
  return sum;
}

// The moving average of one cycle centred on `t`; for an even number of
// seasons the two ends count half.
double CentredAverage(absl::Span<const double> values, int season, int t) {
  const int reach = season / 2;
  double sum = std::accumulate(values.begin() + (t - reach),
                               values.begin() + (t + reach + 1), 0.0);
  if (season % 2 == 0) sum -= (values[t - reach] + values[t + reach]) / 2;
  return sum / season;
}

void FillLinearly(std::vector<double>& values) {
  size_t last = 0;
  for (size_t t = 1; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    const double slope =
        (values[t] - values[last]) / static_cast<double>(t - last);
    for (size_t u = last + 1; u < t; ++u) {
      values[u] = values[last] + slope * static_cast<double>(u - last);
    }
    last = t;
  }
}

}  // namespace

bool IsSeasonal(absl::Span<const double> values, int season, StopRequest stop) {
  const int n = static_cast<int>(values.size());
  if (season < 2 || n <= 2 * season) return false;
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  const double variance = Autocovariance(values, mean, 0);
  if (!(variance > 0)) return false;
  double squares = 0;
  for (int lag = 1; lag < season; ++lag) {
    const double r = Autocovariance(values, mean, lag) / variance;
    squares += r * r;
    if (stop.RequestedAfter(values.size())) return false;
  }
  const double r = Autocovariance(values, mean, season) / variance;
  return std::abs(r) > kNormal95 * std::sqrt((1 + 2 * squares) / n);
}

std::vector<double> SeasonalIndices(absl::Span<const double> values, int season,
                                    Decomposition decomposition,
                                    StopRequest stop) {
  const bool additive = decomposition == Decomposition::kAdditive;
  const int n = static_cast<int>(values.size());
  const int reach = season / 2;
  std::vector<double> indices(season, 0.0);
  std::vector<int> counts(season, 0);
  for (int t = reach; t + reach < n; ++t) {
    const double average = CentredAverage(values, season, t);
    indices[t % season] += additive ? values[t] - average : values[t] / average;
    ++counts[t % season];
    if (stop.RequestedAfter(season)) {
      return std::vector<double>(season, additive ? 0.0 : 1.0);
    }
  }
  double mean = 0;
  for (int s = 0; s < season; ++s) {
    if (counts[s] > 0) indices[s] /= counts[s];
    mean += indices[s] / season;
  }
  for (double& index : indices) index = additive ? index - mean : index / mean;
  return indices;
}

std::vector<double> FillGaps(absl::Span<const double> values, int season,
                             StopRequest stop) {
  std::vector<double> filled(values.begin(), values.end());
  FillLinearly(filled);
  if (season < 2 || filled.size() < 3 * static_cast<size_t>(season)) {
    return filled;
  }
  const std::vector<double> indices =
      SeasonalIndices(filled, season, Decomposition::kAdditive, stop);
  std::vector<double> adjusted(values.begin(), values.end());
  for (size_t t = 0; t < adjusted.size(); ++t) {
    adjusted[t] -= indices[t % season];
  }
  FillLinearly(adjusted);
  for (size_t t = 0; t < adjusted.size(); ++t) {
    if (std::isnan(values[t])) filled[t] = adjusted[t] + indices[t % season];
  }
  return filled;
}

SeasonalAdjustment::SeasonalAdjustment(absl::Span<const double> values,
                                       int season, StopRequest stop) {
  const std::vector<double> filled = FillGaps(values, season, stop);
  if (!IsSeasonal(filled, season, stop)) return;
  if (std::all_of(filled.begin(), filled.end(),
                  [](double value) { return value > 0; })) {
    indices_ = SeasonalIndices(filled, season, decomposition_, stop);
    if (std::all_of(indices_.begin(), indices_.end(),
                    [](double index) { return index >= kLeastIndex; })) {
      return;
    }
  }
  decomposition_ = Decomposition::kAdditive;
  indices_ = SeasonalIndices(filled, season, decomposition_, stop);
}

double SeasonalAdjustment::Adjusted(double value, int t) const {
  if (!is_seasonal()) return value;
  const double index = indices_[t % indices_.size()];
  return decomposition_ == Decomposition::kAdditive ? value - index
                                                    : value / index;
}

double SeasonalAdjustment::Restored(double value, int t) const {
  if (!is_seasonal()) return value;
  const double index = indices_[t % indices_.size()];
  return decomposition_ == Decomposition::kAdditive ? value + index
                                                    : value * index;
}

std::vector<double> SeasonalAdjustment::Adjusted(
    absl::Span<const double> values) const {
  std::vector<double> adjusted(values.begin(), values.end());
  for (size_t t = 0; t < adjusted.size(); ++t) {
    adjusted[t] = Adjusted(adjusted[t], static_cast<int>(t));
  }
  return adjusted;
}

}  // namespace headway::forecast
