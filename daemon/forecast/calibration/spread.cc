#include "daemon/forecast/calibration/spread.h"

#include <algorithm>
#include <cmath>

#include "daemon/forecast/calibration/networks.h"

namespace headway::forecast {
namespace {

static_assert(kInputs == std::tuple_size_v<SpreadFeatures>);

// The standard normal scores of 0.75, 0.9 and 0.975.
constexpr double kScores[] = {0.6744897501960817, 1.2815515655446004,
                              1.959963984540054};
// Ratios beyond exp(3) say no more.
constexpr double kMostLogarithm = 3;
// Keeps ratios finite.
constexpr double kLeastSpread = 1e-12;
constexpr double kMostInput = 4;
constexpr double kLeastFactor = -1.5;  // logarithms
constexpr double kMostFactor = 1.8;

// The hyperbolic tangent to 1e-4, by its continued fraction (Lambert 1761),
// which costs a tenth of std::tanh.
double QuickTanh(double x) {
  constexpr double kAlmostOne = 4.97;
  x = std::clamp(x, -kAlmostOne, kAlmostOne);
  const double square = x * x;
  return x * (135135 + square * (17325 + square * (378 + square))) /
         (135135 + square * (62370 + square * (3150 + square * 28)));
}

double LogRatio(double numerator, double denominator,
                double most = kMostLogarithm) {
  return std::clamp(std::log(std::max(numerator, kLeastSpread) /
                             std::max(denominator, kLeastSpread)),
                    -most, most);
}

double SpreadOf(const PooledStep& step) {
  return SpreadBetween(step.quantiles[1], step.quantiles[3]);
}

}  // namespace

double SpreadBetween(double lower, double upper) {
  return (upper - lower) / (2 * kScores[1]);
}

SpreadFeatures DescribeSpread(const Traits& traits, const CurveWeights& scales,
                              const PooledStep& step, const PooledStep& first) {
  const double n = traits.length;
  const double h = step.distance;
  const double spread = std::max(SpreadOf(step), kLeastSpread);
  const double first_spread = std::max(SpreadOf(first), kLeastSpread);
  const auto change_over = [&traits](int distance) {
    return traits.change[std::min<size_t>(distance, traits.change.size()) - 1];
  };
  const auto& [lowest, low, middle, high, highest] = step.quantiles;
  return {
      std::log(n),
      std::log(h),
      std::min(h / n, 1.0),
      LogRatio(spread, change_over(step.distance)),
      LogRatio(spread, traits.spread),
      LogRatio(spread, first_spread),
      std::min(step.disagreement / spread, 4.0),
      LogRatio(step.narrowest, spread),
      LogRatio(step.widest, spread),
      LogRatio(traits.recent, 1),
      std::log1p(traits.drift),
      std::log(traits.tails),
      traits.rebound,
      std::clamp(traits.return_to_level / 4, -3.0, 3.0),
      std::clamp(traits.return_to_line / 4, -3.0, 3.0),
      traits.is_seasonal ? 1.0 : 0.0,
      traits.season > 1 ? 1.0 : 0.0,
      traits.season > 1 ? LogRatio(n, traits.season) : 0.0,
      LogRatio(first_spread, change_over(first.distance)),
      LogRatio(high - middle, middle - low, 2),
      LogRatio(highest - lowest, high - low, 1),
      std::min(first.disagreement / first_spread, 4.0),
      std::clamp(scales.bend, -1.0, 4.0),
      std::clamp(scales.further_bend, -1.0, 1.0),
  };
}

SpreadFactors::SpreadFactors(const SpreadFeatures& features) {
  const Network& network = SpreadNetwork();
  std::array<double, kInputs> inputs;
  for (int i = 0; i < kInputs; ++i) {
    inputs[i] =
        std::clamp((features[i] - network.centres[i]) / network.scales[i],
                   -kMostInput, kMostInput);
  }
  for (int k = 0; k < kOutputs; ++k) logarithms_[k] = network.biases[k];
  for (const Unit& unit : network.units) {
    double sum = unit.bias;
    for (int i = 0; i < kInputs; ++i) sum += unit.inputs[i] * inputs[i];
    const double active = QuickTanh(sum);
    for (int k = 0; k < kOutputs; ++k) {
      logarithms_[k] += unit.outputs[k] * active;
    }
  }
  for (double& logarithm : logarithms_) {
    logarithm = std::clamp(logarithm, kLeastFactor, kMostFactor);
  }
}

double SpreadFactors::At(double score) const {
  const double distance = std::clamp(std::abs(score), kScores[0], kScores[2]);
  const int upper = distance <= kScores[1] ? 1 : 2;
  const double share =
      (distance - kScores[upper - 1]) / (kScores[upper] - kScores[upper - 1]);
  return std::exp(logarithms_[upper - 1] +
                  share * (logarithms_[upper] - logarithms_[upper - 1]));
}

}  // namespace headway::forecast
