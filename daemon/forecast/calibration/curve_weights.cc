#include "daemon/forecast/calibration/curve_weights.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/forecast/calibration/traits.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

// In units of log-likelihood per value for the straight scale, and of
// log-likelihood between the two bent ones. Chosen on the held-out ends of M3
// yearly, quarterly and other and of M4 yearly and weekly.
constexpr double kOverwhelming = 2.2;
constexpr double kIndifference = 0.5;
constexpr double kSteepness = 5;
constexpr double kIndifferenceOfBends = 2;
constexpr double kSteepnessOfBends = 0.25;
// The t statistics of a return to the line: none is seen, it is certain.
constexpr double kNoReturn = -2.5;
constexpr double kReturn = -4;
// Fewer changes say nothing of their variance.
constexpr size_t kLeastChanges = 4;
// A season is looked for in the changes if this many cycles of values are
// there.
constexpr size_t kLeastCycles = 3;

// What is left of the weight of a scale against which there is `evidence`.
double Left(double evidence, double indifference, double steepness) {
  return std::exp(-steepness * std::max(0.0, evidence - indifference));
}

double VarianceOf(absl::Span<const double> values) {
  double mean = 0;
  double squares = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double distance = values[i] - mean;
    mean += distance / static_cast<double>(i + 1);
    squares += distance * (values[i] - mean);
  }
  return squares / static_cast<double>(values.size());
}

std::vector<double> Changes(absl::Span<const double> values, size_t lag) {
  std::vector<double> changes;
  for (size_t t = lag; t < values.size(); ++t) {
    changes.push_back(values[t] - values[t - lag]);
  }
  return changes;
}

// The log-likelihood per value, but for a constant that all curves share.
double LogLikelihood(const Transform& transform,
                     absl::Span<const double> values, size_t season) {
  std::vector<double> bent;
  double slopes = 0;
  for (double value : values) {
    bent.push_back(transform.Forward(value));
    slopes += transform.LogSlope(value);
  }
  const std::vector<double> changes = Changes(bent, 1);
  double variance = VarianceOf(changes);
  if (season > 1 && values.size() >= kLeastCycles * season + 2) {
    // Half, since a difference of two independent changes varies twice as much.
    const double seasonal = VarianceOf(Changes(changes, season));
    if (seasonal / 2 < variance) variance = seasonal;
  }
  return -0.5 * std::log(variance) +
         slopes / static_cast<double>(values.size());
}

// From 0 to 1: how surely the logarithms return to a line.
double KeepsToALine(absl::Span<const double> values) {
  std::vector<double> logarithms;
  for (double value : values) logarithms.push_back(std::log(value));
  return std::clamp(
      (ReturnToLine(logarithms) - kNoReturn) / (kReturn - kNoReturn), 0.0, 1.0);
}

}  // namespace

CurveWeights WeighCurves(absl::Span<const double> values, Bounds bounds,
                         int season) {
  std::vector<double> present;
  for (double value : values) {
    if (!std::isnan(value)) present.push_back(value);
  }
  CurveWeights weights;
  if (bounds == Bounds::kPercent || bounds == Bounds::kFraction ||
      present.size() <= kLeastChanges ||
      std::any_of(present.begin(), present.end(),
                  [](double value) { return !(value > 0); })) {
    return weights;
  }
  double likelihoods[3];
  for (Curve curve : {Curve::kStraight, Curve::kLog, Curve::kExponential}) {
    const absl::StatusOr<Transform> transform =
        Transform::Create(bounds, curve, present);
    if (!transform.ok()) return weights;
    likelihoods[static_cast<int>(curve)] =
        static_cast<double>(present.size() - 1) *
        LogLikelihood(*transform, present, season);
  }
  const auto [straight, log, exponential] = likelihoods;
  if (!std::isfinite(straight) || !std::isfinite(log) ||
      !std::isfinite(exponential)) {
    return weights;
  }
  const auto count = static_cast<double>(present.size());
  weights.bend = (log - straight) / count;
  weights.further_bend = (exponential - log) / count;
  const double evidence = (std::max(log, exponential) - straight) / count;
  const double steady = KeepsToALine(present);
  weights.straight =
      std::min(Left(evidence, kOverwhelming, kSteepness),
               Left(steady * evidence, kIndifference, kSteepness));
  const double bent = 2 - weights.straight;
  // Growth that kept to its rate is expected to; on the softplus it slows down.
  const double exponential_share =
      (1 - weights.straight) *
      std::max(steady, 1 - Left(exponential - log, kIndifferenceOfBends,
                                kSteepnessOfBends));
  weights.exponential = exponential_share * bent;
  weights.log = bent - weights.exponential;
  return weights;
}

}  // namespace headway::forecast
