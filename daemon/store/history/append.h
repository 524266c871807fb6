// Appending: vintages that are newer than all of a series are put in front of
// its head.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_APPEND_H_
#define HEADWAY_DAEMON_STORE_HISTORY_APPEND_H_

#include "absl/status/statusor.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/types.h"

namespace headway::store {

// `updates` are newer than `newest`, the newest vintage in `head`. Writes the
// new head to `batch`, and the blocks that it has no more room for. `head` is
// used up. DATA_LOSS for a damaged head.
absl::StatusOr<Applied> AppendInOrder(SeriesId id, Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, Micros newest,
                                      WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_APPEND_H_
