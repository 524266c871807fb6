// The same analysis at dates where nothing happened: how often it cries wolf.
#ifndef HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_PLACEBO_H_
#define HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_PLACEBO_H_

#include <Eigen/Dense>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/evidence/counterfactual/input.h"

namespace headway::evidence {

// Of the average effect over the periods from an event on.
struct AverageEffect {
  double estimate = 0;
  double error = 0;
  double low = 0;
  double high = 0;

  bool excludes_zero() const { return low > 0 || high < 0; }
  // How far from zero, in its errors.
  double distance() const;
};

struct PlaceboRun {
  // Periods before the pretended event.
  Eigen::Index before = 0;
  AverageEffect effect;
};

struct PlaceboDates {
  std::vector<PlaceboRun> runs;
  // Periods that each pretended event is followed.
  Eigen::Index window = 0;
  // Windows among them that share no period: what the dates are worth.
  Eigen::Index independent_folds = 0;
  // The share of runs whose interval excludes zero.
  double false_alarm_rate = 0;
  // The share of runs, the real one among them, at least as far from zero as
  // it; never below the floor, 1 / (1 + independent folds).
  double p = 1;
  double p_floor = 1;
  // How many times its error the real effect must be from zero to be farther
  // than the level's share of the placebos. Absent if they are too few.
  std::optional<double> critical_distance;
};

struct PlaceboOptions {
  // So many dates, evenly spread over the admissible ones; 0 for all.
  int dates = 0;
  // Periods that are kept before the first date, besides a third of all.
  Eigen::Index least_before = 8;
  double level = 0.95;
};

using EffectEstimator = absl::FunctionRef<absl::StatusOr<AverageEffect>(
    const CounterfactualInput& input)>;

// Admissible dates leave enough periods before them, and the window after them
// ends before the real event. The window is as long as what follows the real
// event, or half of the periods that are free if that is shorter. Dates at
// which nothing can be estimated are left out. FAILED_PRECONDITION: none is
// admissible.
absl::StatusOr<PlaceboDates> RunPlaceboDates(const CounterfactualInput& input,
                                             const AverageEffect& actual,
                                             const PlaceboOptions& options,
                                             EffectEstimator estimate);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_COUNTERFACTUAL_PLACEBO_H_
