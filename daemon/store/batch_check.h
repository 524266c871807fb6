// Whether a batch is well formed. The first fault is an INVALID_ARGUMENT that
// names the series or record and the value at fault. Pure.
#ifndef HEADWAY_DAEMON_STORE_BATCH_CHECK_H_
#define HEADWAY_DAEMON_STORE_BATCH_CHECK_H_

#include "absl/status/status.h"
#include "daemon/store/types.h"

namespace headway::store {

// Checks all but the descriptions of series, which the writer checks when they
// are new.
absl::Status CheckBatch(const Batch& batch);
// Checks one update; the error does not name the series.
absl::Status CheckUpdate(const VintageUpdate& update);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_BATCH_CHECK_H_
