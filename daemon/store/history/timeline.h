// The vintages of one series: reading them, and fitting new ones in.
//
// A vintage says something of some periods (a value, or a withdrawal). The
// state at an instant is, for each period, the word of the newest vintage that
// speaks of it. Which periods a vintage is silent on is a word, too:
//
//  - A vintage stands for the state of the series when it was recorded. A
//    vintage that is recorded later and inserted before it changes nothing
//    after it: the next vintage that was silent on an inserted period, but
//    covers it, is made to say what stood there. So a backfill leaks nowhere.
//  - A vintage covers the span from the first to the last period that the
//    series had when it was recorded; a snapshot covers every period. Beyond
//    that span, and where nothing stood at all, later vintages were silent
//    because nothing was known: an inserted value holds on through them. So
//    the history of early years may be loaded after that of late ones.
//  - A vintage that is given again, with the same known_at, is corrected: a
//    value that it had said is replaced, and vintages that took it over follow,
//    but for snapshots, which said it themselves.
//
// The newest vintages are in the head of the series (head.h), those before them
// in blocks. Blocks are never overwritten: each is written anew under its
// recorded_at, so the blocks recorded by any instant are the whole history as
// it stood then.
// Functions over a view; thread-safe. Errors: DATA_LOSS with the key, and those
// of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_
#define HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/head.h"
#include "daemon/store/types.h"

namespace headway::store {

// What the blocks say was known at an instant.
struct BlockAnswer {
  Columns state;
  // The newest vintage in it; empty if nothing was known.
  std::optional<Micros> known_at;
};
absl::StatusOr<BlockAnswer> ReadFromBlocks(const RocksView& view, SeriesId id,
                                           Micros as_of, Micros recorded_by);

// Every vintage as it is known now, newest first.
absl::StatusOr<std::vector<StoredVintage>> ReadAllVintages(
    const RocksView& view, SeriesId id);

// Every vintage known at `as_of`, as recorded by `recorded_by`, newest first.
absl::StatusOr<std::vector<StoredVintage>> ReadVintagesBy(const RocksView& view,
                                                          SeriesId id,
                                                          Micros as_of,
                                                          Micros recorded_by);

// Where and how the blocks of a batch are written.
struct CommitContext {
  CommitNumber commit = 0;
  Micros recorded_at = 0;
  // Also how many vintages a head may hold.
  int full_block_interval = 16;
};

// What a vintage says, taken from its block.
Cells SaidCells(const Block& block);

struct Applied {
  // How many observations the updates changed; if none, nothing was written.
  int64_t changed = 0;
  // Of the series, after the updates.
  Micros newest_known_at = std::numeric_limits<Micros>::min();
};

// Fits updates of one series into its history, in the order of their known_at
// (those with the same known_at in the order given), and writes the head and
// the blocks that this makes or changes.
absl::StatusOr<Applied> ApplyUpdates(const RocksView& view, SeriesId id,
                                     std::vector<const VintageUpdate*> updates,
                                     const CommitContext& context,
                                     RocksBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_TIMELINE_H_
