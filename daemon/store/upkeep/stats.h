// How much a store holds and takes up. Thread-safe; cheap at any size.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_STATS_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_STATS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/store.h"

namespace headway::store {

struct StoreStats {
  uint64_t format = 0;
  // Exact: numbers are given without gaps, and no series is ever deleted.
  int64_t series = 0;
  // Exact.
  CommitNumber commits = 0;
  // Of the first and the last commit; in the infinite past if there is none.
  absl::Time oldest_recorded_at = absl::InfinitePast();
  absl::Time newest_recorded_at = absl::InfinitePast();
  // Bytes on disk are exact; keys and memory are the engine's estimates. The
  // keys of `vintages` are blocks: vintages in the heads are not among them,
  // and one that was written again counts again.
  EngineUsage usage;
};

absl::StatusOr<StoreStats> GetStats(const Store& store);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_STATS_H_
