// Values before and after an event. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_AROUND_EVENT_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_AROUND_EVENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/evidence/claims/estimates.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/judging/tested_values.h"

namespace headway::pipeline {

// What of the values is used, as evidence/claims takes it.
struct UsedValues {
  std::vector<double> values;
  // The period of the first of them.
  int32_t first = 0;
  evidence::TrendOptions options;
};

// The values from the period `from` on ("": all), as hundred times their
// logarithms if they are `relative`. With an event: its place, and no values
// from the period in which it was known to the last one that begins before it
// binds: those belong to neither side. FAILED_PRECONDITION: the values end
// before, or one has no logarithm.
absl::StatusOr<UsedValues> UseValues(const TestedValues& tested,
                                     const std::string& from, bool relative,
                                     const Event* event);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_AROUND_EVENT_H_
