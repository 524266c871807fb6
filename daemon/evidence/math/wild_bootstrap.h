// The wild cluster bootstrap of a coefficient, for few clusters.
#ifndef HEADWAY_DAEMON_EVIDENCE_MATH_WILD_BOOTSTRAP_H_
#define HEADWAY_DAEMON_EVIDENCE_MATH_WILD_BOOTSTRAP_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "daemon/evidence/math/linear_model.h"

namespace headway::evidence {

enum class WildWeights {
  kRademacher,  // -1 and 1
  kWebb,        // six points: Webb 2013, for fewer than about ten clusters
};

struct WildOptions {
  WildWeights weights = WildWeights::kRademacher;
  int replications = 9999;
  uint64_t seed = 1;
};

struct WildTest {
  double t = 0;  // with the clustered standard error
  double p = 1;  // two-sided and symmetric
  // The least that p can be: one over the distinct draws.
  double least_p = 0;
  int draws = 0;
  bool enumerated = false;  // every vector of weights, once
  WildWeights weights = WildWeights::kRademacher;
  uint64_t seed = 0;
};

// That coefficient `place` is zero, which is imposed on the draws (Cameron,
// Gelbach and Miller 2008, "Bootstrap-Based Improvements for Inference with
// Clustered Errors", Review of Economics and Statistics 90). Rademacher weights
// are enumerated where their vectors are no more than the replications.
// INVALID_ARGUMENT: fewer than three clusters, effects that are not nested in
// the clusters.
absl::StatusOr<WildTest> WildClusterTest(const LinearFit& fit, int place,
                                         const Grouping& clusters,
                                         const WildOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_MATH_WILD_BOOTSTRAP_H_
