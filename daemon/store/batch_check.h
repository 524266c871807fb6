// Whether a batch is well formed. The first fault is an INVALID_ARGUMENT that
// names the series or record and the value at fault. Pure.
#ifndef HEADWAY_DAEMON_STORE_BATCH_CHECK_H_
#define HEADWAY_DAEMON_STORE_BATCH_CHECK_H_

#include "absl/status/status.h"
#include "daemon/store/store.h"

namespace headway::store {

absl::Status CheckBatch(const Batch& batch);
// One of its updates; the error does not name the series.
absl::Status CheckUpdate(const VintageUpdate& update);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_BATCH_CHECK_H_
