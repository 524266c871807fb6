// What fitting updates into a history takes and gives, for append.h, insert.h
// and timeline.h.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_APPLIED_H_
#define HEADWAY_DAEMON_STORE_HISTORY_APPLIED_H_

#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/store/types.h"

namespace headway::store {

// Of one series, by known_at; those with the same known_at in the order given.
using Updates = absl::Span<const VintageUpdate* const>;

inline Micros KnownAt(const VintageUpdate& update) {
  return absl::ToUnixMicros(update.known_at);
}

// The commit that updates belong to, and how blocks are written.
struct CommitContext {
  CommitNumber commit = 0;
  Micros recorded_at = 0;
  // Every this many vintages a block is full; a head holds no more of them.
  int full_block_interval = 16;
};

struct Applied {
  // How many observations the updates changed; if none, nothing was written.
  int64_t changed = 0;
  // Of the series, after the updates.
  Micros newest_known_at = std::numeric_limits<Micros>::min();
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_APPLIED_H_
