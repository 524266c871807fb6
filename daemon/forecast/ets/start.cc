#include "daemon/forecast/ets/start.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

using enum EtsComponent;

// The least starting index of a multiplicative season: that of R's `ets`.
constexpr double kLeastIndex = 0.01;

struct Line {
  double intercept = 0;  // at period 0, the one before the first value
  double slope = 0;
};

Line FitLine(absl::Span<const double> values) {
  const double n = static_cast<double>(values.size());
  if (n < 2) return {values[0], 0};
  const double middle = (n + 1) / 2;
  double mean = 0;
  double product = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    mean += values[i] / n;
    product += values[i] * (static_cast<double>(i + 1) - middle);
  }
  const double slope = product / (n * (n * n - 1) / 12);
  return {mean - slope * middle, slope};
}

// For fewer than two cycles and a bit: indices about one straight line.
std::vector<double> IndicesAboutLine(absl::Span<const double> values,
                                     int season, bool additive) {
  const Line line = FitLine(values);
  std::vector<double> indices(season, 0.0);
  std::vector<int> counts(season, 0);
  for (size_t t = 0; t < values.size(); ++t) {
    const double level =
        line.intercept + line.slope * static_cast<double>(t + 1);
    indices[t % season] += additive ? values[t] - level : values[t] / level;
    ++counts[t % season];
  }
  for (int s = 0; s < season; ++s) indices[s] /= counts[s];
  return indices;
}

// Shifted or scaled so that they sum to zero or average one.
void Normalise(std::vector<double>& indices, bool additive) {
  if (!additive) {
    for (double& index : indices) {
      index = std::isfinite(index) ? std::max(index, kLeastIndex) : 1;
    }
  }
  const double mean = std::accumulate(indices.begin(), indices.end(), 0.0) /
                      static_cast<double>(indices.size());
  for (double& index : indices) index = additive ? index - mean : index / mean;
}

std::vector<double> StartingIndices(absl::Span<const double> filled, int season,
                                    bool additive) {
  std::vector<double> indices =
      filled.size() < 3 * static_cast<size_t>(season)
          ? IndicesAboutLine(filled, season, additive)
          : SeasonalIndices(filled, season,
                            additive ? Decomposition::kAdditive
                                     : Decomposition::kMultiplicative);
  Normalise(indices, additive);
  return indices;
}

void StartMultiplicativeTrend(absl::Span<const double> adjusted,
                              const Line& line, EtsState& state) {
  const double first = line.intercept + line.slope;
  state.growth = (first + line.slope) / first;
  state.level = first / state.growth;
  if (state.level > 0 && state.growth > 0 && std::isfinite(state.growth)) {
    return;
  }
  state.level = std::max(std::abs(adjusted[0]), 1e-3);
  state.growth = 1;
}

}  // namespace

EtsState StartingState(absl::Span<const double> filled, const EtsForm& form,
                       int season) {
  EtsState state;
  std::vector<double> adjusted(filled.begin(), filled.end());
  if (form.has_season()) {
    const bool additive = form.season == kAdditive;
    state.seasonal = StartingIndices(filled, season, additive);
    for (size_t t = 0; t < adjusted.size(); ++t) {
      const double index = state.seasonal[t % season];
      adjusted[t] = additive ? adjusted[t] - index : adjusted[t] / index;
    }
  }
  const size_t span = form.has_season() ? 2 * static_cast<size_t>(season) : 0;
  const absl::Span<const double> beginning =
      absl::MakeConstSpan(adjusted).first(
          std::min(std::max<size_t>(10, span), adjusted.size()));
  if (form.trend == kNone) {
    state.level = std::accumulate(beginning.begin(), beginning.end(), 0.0) /
                  static_cast<double>(beginning.size());
    return state;
  }
  const Line line = FitLine(beginning);
  if (form.trend == kAdditive) {
    state.level = line.intercept;
    state.growth = line.slope;
  } else {
    StartMultiplicativeTrend(adjusted, line, state);
  }
  return state;
}

}  // namespace headway::forecast
