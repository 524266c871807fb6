// Whether a batch is well formed. The first fault is an INVALID_ARGUMENT that
// names the series or record and the value at fault. Pure.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_BATCH_CHECK_H_
#define HEADWAY_DAEMON_STORE_HISTORY_BATCH_CHECK_H_

#include "absl/status/status.h"
#include "daemon/store/types.h"

namespace headway::store {

// All but the descriptions of series.
absl::Status CheckBatch(const Batch& batch);
// One of its updates; the error does not name the series.
absl::Status CheckUpdate(const VintageUpdate& update);

// Whether the description can be read back. Apart, because it is slow and a
// description that is in the store already need not be checked again.
absl::Status CheckDescription(const series::SeriesInfo& info);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_BATCH_CHECK_H_
