#include "daemon/evidence/counterfactual/draws.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

double QuantileOf(const VectorXd& sorted, double probability) {
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<Index>(std::floor(place));
  const Index above = std::min(below + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(below);
  return sorted[below] * (1 - share) + sorted[above] * share;
}

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr DrawSummary kNoSummary = {kNone, kNone, kNone, kNone};

// The effect is the observed less the drawn.
DrawSummary LessFrom(double observed, const DrawSummary& drawn) {
  return {.mean = observed - drawn.mean,
          .deviation = drawn.deviation,
          .low = observed - drawn.high,
          .high = observed - drawn.low};
}

double TailProbability(const VectorXd& sums, double observed) {
  const double above = static_cast<double>((sums.array() >= observed).count());
  const double below = static_cast<double>((sums.array() <= observed).count());
  return (1 + std::min(above, below)) / (1 + static_cast<double>(sums.size()));
}

void AddRelative(const VectorXd& sums, double level, DrawnImpact& impact) {
  impact.relative = kNoSummary;
  impact.relative_of_means = kNone;
  const double sign = sums[0] > 0 ? 1 : -1;
  if (!((sums.array() * sign) > 0).all()) return;
  impact.relative = Summarise(
      (impact.observed_sum / sums.array() - 1).matrix() * sign, level);
  impact.relative_of_means = sign * (impact.observed_sum / sums.mean() - 1);
}

}  // namespace

DrawSummary Summarise(VectorXd draws, double level) {
  const double mean = draws.mean();
  const double squares = (draws.array() - mean).square().sum();
  std::sort(draws.begin(), draws.end());
  const double tail = (1 - level) / 2;
  return {
      .mean = mean,
      .deviation = std::sqrt(squares / static_cast<double>(draws.size() - 1)),
      .low = QuantileOf(draws, tail),
      .high = QuantileOf(draws, 1 - tail)};
}

double EffectiveDraws(const VectorXd& draws) {
  const Index count = draws.size();
  const VectorXd centred = draws.array() - draws.mean();
  const double variance = centred.squaredNorm();
  if (!(variance > 0)) return static_cast<double>(count);
  const auto correlation = [&](Index lag) {
    return centred.head(count - lag).dot(centred.tail(count - lag)) / variance;
  };
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  for (Index lag = 0; lag + 1 < count; lag += 2) {
    // Sums of neighbours fall, and are above zero, in theory.
    const double pair = correlation(lag) + correlation(lag + 1);
    if (pair <= 0) break;
    least = std::min(least, pair);
    sum += least;
  }
  return static_cast<double>(count) / std::max(2 * sum - 1, 1e-3);
}

DrawnImpact ImpactOf(const BayesianDraws& draws,
                     const CounterfactualInput& input, double level) {
  DrawnImpact impact;
  const Index count = draws.counterfactual.rows();
  VectorXd sums = VectorXd::Zero(count);
  for (Index t = 0; t < input.periods(); ++t) {
    const VectorXd drawn = draws.counterfactual.col(t).cast<double>();
    const double observed = input.outcome[t];
    impact.counterfactual.push_back(Summarise(drawn, level));
    impact.effect.push_back(
        std::isnan(observed)
            ? kNoSummary
            : LessFrom(observed, impact.counterfactual.back()));
    if (t < input.before) continue;
    if (!std::isnan(observed)) {
      sums += drawn;
      impact.observed_sum += observed;
      ++impact.compared;
    }
    impact.cumulative_effect.push_back(
        LessFrom(impact.observed_sum, Summarise(sums, level)));
  }
  const auto periods = static_cast<double>(impact.compared);
  impact.observed_average = impact.observed_sum / periods;
  impact.counterfactual_sum = Summarise(sums, level);
  impact.counterfactual_average = Summarise(sums / periods, level);
  impact.cumulative = LessFrom(impact.observed_sum, impact.counterfactual_sum);
  impact.average =
      LessFrom(impact.observed_average, impact.counterfactual_average);
  AddRelative(sums, level, impact);
  impact.tail_probability = TailProbability(sums, impact.observed_sum);
  impact.tail_floor = 1 / (1 + static_cast<double>(count));
  impact.effective_draws = EffectiveDraws(sums);
  return impact;
}

}  // namespace headway::evidence
