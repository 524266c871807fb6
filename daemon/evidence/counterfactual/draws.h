// What draws of a counterfactual say about the effect. Pure functions.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_DRAWS_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_DRAWS_H_

#include <Eigen/Dense>

#include "daemon/evidence/counterfactual/gibbs.h"

namespace headway::evidence {

// Of draws: their mean, standard deviation, and the quantiles that leave half
// of what is outside the level on each side.
struct DrawSummary {
  double mean = 0;
  double deviation = 0;
  double low = 0;
  double high = 0;
};

// `level` in (0, 1). Quantiles between draws are interpolated, as R's type 7.
DrawSummary Summarise(Eigen::VectorXd draws, double level);

// How many independent draws these are worth, as a mean goes (Geyer 1992,
// "Practical Markov Chain Monte Carlo", Statistical Science 7).
double EffectiveDraws(const Eigen::VectorXd& draws);

struct DrawnImpact {
  // Over the periods from the event on that have a value.
  Eigen::Index compared = 0;
  double observed_average = 0;
  double observed_sum = 0;
  DrawSummary counterfactual_average;
  DrawSummary counterfactual_sum;
  DrawSummary average;
  DrawSummary cumulative;
  // The mean of the draws' ratios of sums, as CausalImpact has it, and the
  // ratio of means; NaN where the counterfactual's sum is not one sign in all
  // draws, or is near zero.
  DrawSummary relative;
  double relative_of_means = 0;
  // The share of draws at least as far to the observed side: one-sided; at
  // least 1 / (draws + 1).
  double tail_probability = 0;
  double tail_floor = 0;
  double effective_draws = 0;
  // By period of the whole series; effects NaN where nothing is observed.
  std::vector<DrawSummary> counterfactual;
  std::vector<DrawSummary> effect;
  // From the event on; sums go on over missing values.
  std::vector<DrawSummary> cumulative_effect;
};

DrawnImpact ImpactOf(const BayesianDraws& draws,
                     const CounterfactualInput& input, double level);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_DRAWS_H_
