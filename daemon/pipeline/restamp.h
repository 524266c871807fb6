// The pipelines' part in putting right what a wrong clock left behind
// (store/upkeep/restamp.h): an issue of 2030 stays the newest of its indicator
// until then, and a source that was pulled in 2030 is never stale.
//
// Pure function over a reader; thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_RESTAMP_H_
#define HEADWAY_DAEMON_PIPELINE_RESTAMP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/schedule/restamp.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

// What to store, and delete, so that issued forecasts, failures and the last
// pulls of sources bear the right instants and the names of the right runs.
// DATA_LOSS for a record that cannot be read.
absl::StatusOr<std::vector<store::Record>> RightRecords(
    const store::Reader& reader, const schedule::RightInstant& right);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_RESTAMP_H_
