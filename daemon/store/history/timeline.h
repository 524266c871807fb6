// The vintages of one series, and how new ones are fitted in.
//
// A vintage makes statements about some periods: a value, or a withdrawal. The
// state at an instant is, for each period, the statement of the newest vintage
// that makes one. The absence of a statement means something, too:
//
//  - A vintage stands for the state of the series when it was recorded. A
//    vintage that is recorded later and inserted before it changes nothing
//    after it: the next vintage that covers an inserted period without making a
//    statement about it is given a statement of what was known there before.
//    So a backfill leaks nowhere.
//  - A vintage covers the span from the first to the last period that the
//    series had when it was recorded; a snapshot covers every period. Outside
//    that span, and where nothing was known at all, an inserted value stays
//    valid through later vintages. So the history of early years may be loaded
//    after that of late ones.
//  - A vintage that is given again, with the same known_at, is corrected: its
//    earlier value is replaced, also in the later vintages that took it over,
//    but not in snapshots, which stated it themselves.
//
// The newest vintages are in the head of the series (head.h), those before them
// in blocks (blocks.h).
#ifndef HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_
#define HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/history/applied.h"
#include "daemon/store/types.h"

namespace headway::store {

// Fits updates of one series into its history, in the order of their known_at
// (those with the same known_at in the order given), and writes the head and
// the blocks that this makes or changes to `batch`. Thread-safe. Errors:
// DATA_LOSS with the key, and those of the engine.
absl::StatusOr<Applied> ApplyUpdates(const View& view, SeriesId id,
                                     std::vector<const VintageUpdate*> updates,
                                     const CommitContext& context,
                                     WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_
