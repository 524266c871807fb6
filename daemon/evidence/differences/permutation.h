// What treatment estimates that was given to others, by lot.
#ifndef HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_PERMUTATION_H_
#define HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_PERMUTATION_H_

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/linear_model.h"

namespace headway::evidence {

struct RandomisationTest {
  double difference = 0;  // of the mean changes
  double p = 1;           // two-sided; the data's own assignment counts
  double least_p = 0;
  int assignments = 0;
  bool enumerated = false;  // every assignment, once
  uint64_t seed = 0;
};

// That the change of each unit is the same whichever units are treated (Fisher
// 1935): all ways to treat as many units if they are no more than `draws`, else
// as many at random. INVALID_ARGUMENT: no treated or no untreated unit.
absl::StatusOr<RandomisationTest> TestRandomisation(
    const Eigen::VectorXd& change, const std::vector<bool>& treated, int draws,
    uint64_t seed);

// The weights with which a regression on unit and period effects adds up the
// effects of its treated rows (de Chaisemartin and D'Haultfoeuille 2020,
// American Economic Review 110): negative ones are a warning.
struct TwoWayWeights {
  int rows = 0;      // treated
  int negative = 0;  // of them
  double negative_sum = 0;
};
// `fit` has the treatment as its only regressor, and both sets of effects.
TwoWayWeights WeightsOf(const LinearFit& fit, const std::vector<bool>& treated);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_PERMUTATION_H_
