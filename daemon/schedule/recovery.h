// Runs that a daemon left: those it was at work on when it died count its
// deaths, and are parked after three in a row in which they changed no series.
#ifndef HEADWAY_DAEMON_SCHEDULE_RECOVERY_H_
#define HEADWAY_DAEMON_SCHEDULE_RECOVERY_H_

#include "absl/status/statusor.h"
#include "daemon/schedule/run_at_work.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// Whether the run failed because the daemon died too often while it was at
// work.
bool IsParked(const v1::Run& run);

// Makes a run that had not ended one that can be done: QUEUED, or WAITING until
// its time. False if it was parked instead. Nobody else has the run.
absl::StatusOr<bool> TakeUp(store::Store& store, RunAtWork& run);

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RECOVERY_H_
