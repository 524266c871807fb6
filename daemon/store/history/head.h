// The head of a series: its newest state, and the way back to those before it.
//
// A current read reads one key, and so does one as of any vintage that the head
// still holds: newer vintages are taken back, each by what was known before it.
// Vintages that come in the order of their known_at are put in front of the
// head (append.h). When it is full, and before a vintage is inserted between
// others (insert.h), its vintages become blocks (blocks.h): values and
// recorded_at stay as they were, only the place changes.
//
// Functions over a view or over values; thread-safe. Errors: DATA_LOSS with the
// series, and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_HEAD_H_
#define HEADWAY_DAEMON_STORE_HISTORY_HEAD_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

inline constexpr Micros kForever = std::numeric_limits<Micros>::max();

struct StoredVintage {
  Micros known_at = 0;
  Micros recorded_at = 0;
  Block block;
};

// Whether a state can be had from the head, and what it holds.
struct HeadAnswer {
  // False: it is older than what the head holds, and in the blocks.
  bool is_here = false;
  // The newest vintage in it; empty if nothing was known.
  std::optional<Micros> known_at;
};

// Whether the series has a head; its bytes are then in `value`.
absl::StatusOr<bool> GetHead(const View& view, SeriesId id, PinnedValue* value);

// Adds to an error on decoding a head whose head it was.
absl::Status DescribeDamage(const View& view, SeriesId id,
                            const absl::Status& status);

// Leaves in head->state what was known at `as_of` and recorded by
// `recorded_by`, if it is here. The memory of `head` and `undo` is used again.
absl::StatusOr<HeadAnswer> ReadFromHead(absl::string_view bytes, Micros as_of,
                                        Micros recorded_by, PackedHead* head,
                                        Undo* undo);

// The known_at of the newest vintage.
absl::StatusOr<Micros> KnownAt(const PackedHead& head);

// Makes the state after the vintage the state before it.
void TakeBack(const Undo& undo, Columns* state);

// The vintages of the head as blocks, newest first. Every `full_block_interval`
// counted from the base on is full; `since_full` is set to how many were
// written since the last that was.
std::vector<StoredVintage> ToBlocks(const Head& head, int full_block_interval,
                                    int64_t* since_full);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_HEAD_H_
