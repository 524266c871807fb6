// Averages of group-time effects. Four averages are all "the" effect; which is
// meant has to be said.
#ifndef HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_AGGREGATE_H_
#define HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_AGGREGATE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/evidence/differences/group_time.h"

namespace headway::evidence {

enum class Aggregation {
  kSimple,    // all effects after treatment, by the size of groups
  kDynamic,   // by periods since treatment
  kGroup,     // by group
  kCalendar,  // by period
};

struct AggregateOptions {
  Aggregation aggregation = Aggregation::kDynamic;
  double level = 0.95;
  // Of the multiplier bootstrap (Rademacher), for uniform bands; 0 for none.
  int draws = 1000;
  uint64_t seed = 1;
  // By unit of the result; each unit by itself without.
  std::optional<Grouping> clusters;
};

struct AggregateEffect {
  int at = 0;  // periods since treatment, the group, or the period
  double effect = 0;
  double standard_error = 0;
  double low = 0;  // pointwise, normal
  double high = 0;
  double p = 1;
  double band_low = 0;  // all at once; the same as pointwise without draws
  double band_high = 0;
};

struct Aggregate {
  AggregateEffect overall;             // of kDynamic: from treatment on
  std::vector<AggregateEffect> parts;  // none of kSimple
  double critical_value = 0;           // of the bands
};

// INVALID_ARGUMENT: no effect after treatment, clusters of another size.
absl::StatusOr<Aggregate> AggregateEffects(const GroupTimeResult& result,
                                           const AggregateOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_DIFFERENCES_AGGREGATE_H_
