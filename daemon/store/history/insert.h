// Inserting: vintages that are not newer than all of a series are fitted in
// between the others, or correct those with the same known_at. timeline.h has
// the rules.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_INSERT_H_
#define HEADWAY_DAEMON_STORE_HISTORY_INSERT_H_

#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/types.h"

namespace headway::store {

// Writes to `batch` the blocks that the updates make or change, and a new head.
// Reads the history from the last full block before `updates` to the first one
// behind them that stays as it is, or to the end. `head`
// is used up. Errors: DATA_LOSS for a damaged head or block, and those of the
// engine.
absl::StatusOr<Applied> InsertBetween(const View& view, SeriesId id,
                                      Updates updates,
                                      const CommitContext& context,
                                      PackedHead* head, WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_INSERT_H_
