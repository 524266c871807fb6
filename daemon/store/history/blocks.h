// The blocks of a series: its vintages that are no longer in the head.
//
// A block is a vintage as it stood at one recording, and is never overwritten:
// a vintage that changes is written anew under its recorded_at, so the blocks
// recorded by any instant are the whole history as it stood then. A full block
// holds the whole state, so that reading goes back no further than to one.
//
// Functions over a view; thread-safe. Errors: DATA_LOSS with the key of the
// block, and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_BLOCKS_H_
#define HEADWAY_DAEMON_STORE_HISTORY_BLOCKS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/write_batch.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/head.h"
#include "daemon/store/types.h"

namespace headway::store {

// The state at an instant, according to the blocks.
struct BlockAnswer {
  Columns state;
  // The newest vintage in it; empty if nothing was known.
  std::optional<Micros> known_at;
};
absl::StatusOr<BlockAnswer> ReadFromBlocks(const View& view, SeriesId id,
                                           Micros as_of, Micros recorded_by);

// Reads vintages from `as_of` back in known_at, of each the newest block
// recorded by `recorded_by`, until `is_last` says so or none is left.
absl::StatusOr<std::vector<StoredVintage>> ReadBack(
    const View& view, SeriesId id, Micros as_of, Micros recorded_by,
    absl::FunctionRef<bool(const StoredVintage&)> is_last);

// The vintages after `after` that are in blocks, of each the newest block,
// oldest first; at most `limit`.
absl::StatusOr<std::vector<StoredVintage>> ReadForward(const View& view,
                                                       SeriesId id,
                                                       Micros after,
                                                       size_t limit);

// Every vintage as it is known now, newest first; those of the head are among
// them.
absl::StatusOr<std::vector<StoredVintage>> ReadAllVintages(const View& view,
                                                           SeriesId id);

// Every vintage known at `as_of`, as recorded by `recorded_by`, newest first;
// those of the head are among them.
absl::StatusOr<std::vector<StoredVintage>> ReadVintagesBy(const View& view,
                                                          SeriesId id,
                                                          Micros as_of,
                                                          Micros recorded_by);

// The statements of a vintage, taken from its block.
Cells SaidCells(const Block& block);

void WriteBlock(SeriesId id, const StoredVintage& vintage, WriteBatch* batch);

// Moves the vintages of the head into blocks, every `interval`th of them full,
// and returns them newest first. The head keeps its state.
absl::StatusOr<std::vector<StoredVintage>> MoveToBlocks(SeriesId id,
                                                        int interval,
                                                        PackedHead* head,
                                                        WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_BLOCKS_H_
