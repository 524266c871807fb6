#include "daemon/forecast/kinds/jump.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/quantile_function.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

constexpr size_t kLeastValues = 12;
constexpr double kMostChange = 10;
constexpr double kOverLargest = 1.5;
constexpr double kFallsBack = -0.3;
// The standard deviation over the median absolute deviation, if normal.
constexpr double kNormalDeviation = 1.4826;

// The probabilities at which both halves are forecast.
constexpr double kHalfGrid[] = {0.005, 0.01, 0.025, 0.05, 0.1,
                                0.2,   0.35, 0.5,   0.65, 0.8,
                                0.9,   0.95, 0.975, 0.99, 0.995};

double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<long>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The correlation of each change with the one before.
double Rebound(absl::Span<const double> changes, double centre) {
  double products = 0;
  double squares = 0;
  for (size_t t = 0; t < changes.size(); ++t) {
    squares += (changes[t] - centre) * (changes[t] - centre);
    if (t > 0) products += (changes[t] - centre) * (changes[t - 1] - centre);
  }
  return squares > 0 ? products / squares : 0;
}

// The quantile of two distributions that each count half, of which `upper` lies
// above.
double MixedQuantile(const QuantileFunction& lower,
                     const QuantileFunction& upper, double probability) {
  const double doubled = 2 * probability;
  if (doubled < 1) return lower.At(NormalQuantile(doubled));
  if (doubled > 1) return upper.At(NormalQuantile(doubled - 1));
  return (lower.At(NormalQuantile(kHalfGrid[14])) +
          upper.At(NormalQuantile(kHalfGrid[0]))) /
         2;
}

}  // namespace

std::optional<double> JumpAtEnd(absl::Span<const double> values) {
  std::vector<double> changes;
  double before = values.front();
  for (double value : values.subspan(1)) {
    if (std::isnan(value)) continue;
    changes.push_back(value - before);
    before = value;
  }
  if (changes.size() + 1 < kLeastValues) return std::nullopt;
  const double last = changes.back();
  changes.pop_back();
  const double centre = MedianOf(changes);
  std::vector<double> distances;
  for (double change : changes) distances.push_back(std::abs(change - centre));
  const double largest = *std::max_element(distances.begin(), distances.end());
  const double usual = kNormalDeviation * MedianOf(distances);
  const double jump = std::abs(last - centre);
  const bool is_jump = usual > 0 && jump > kMostChange * usual &&
                       jump > kOverLargest * largest &&
                       Rebound(changes, centre) < kFallsBack;
  if (!is_jump) return std::nullopt;
  return (last - centre) / usual;
}

absl::StatusOr<Prediction> PredictAfterJump(
    absl::Span<const double> values, double jump, Bounds bounds, int horizon,
    absl::Span<const double> probabilities, StepsForecast forecast) {
  const absl::Span<const double> past = values.first(values.size() - 1);
  ASSIGN_OR_RETURN(Prediction back, forecast(past, horizon + 1, kHalfGrid));
  const double size = values.back() - back.point[0];
  const double least =
      bounds == Bounds::kNone ? -std::numeric_limits<double>::infinity() : 0;
  const auto moved = [&](double value) {
    return std::clamp(value + size, least, UpperBound(bounds));
  };
  std::vector<double> scores(std::size(kHalfGrid));
  std::transform(std::begin(kHalfGrid), std::end(kHalfGrid), scores.begin(),
                 NormalQuantile);
  Prediction both;
  both.model = std::move(back.model);
  both.members = std::move(back.members);
  both.notes = std::move(back.notes);
  both.anomalies.push_back({.position = static_cast<int>(past.size()),
                            .kind = AnomalyKind::kJump,
                            .observed = values.back(),
                            .size = size,
                            .score = jump,
                            .treatment = AnomalyTreatment::kHalfFitted});
  for (int h = 1; h <= horizon; ++h) {
    both.point.push_back((back.point[h] + moved(back.point[h])) / 2);
    both.mean.push_back((back.mean[h] + moved(back.mean[h])) / 2);
    std::vector<double> stays;
    for (double quantile : back.quantiles[h]) stays.push_back(moved(quantile));
    const QuantileFunction before(scores, back.quantiles[h], bounds);
    const QuantileFunction after(scores, stays, bounds);
    std::vector<double> quantiles;
    for (double probability : probabilities) {
      quantiles.push_back(size > 0 ? MixedQuantile(before, after, probability)
                                   : MixedQuantile(after, before, probability));
    }
    std::sort(quantiles.begin(), quantiles.end());
    both.quantiles.push_back(std::move(quantiles));
  }
  return both;
}

}  // namespace headway::forecast
