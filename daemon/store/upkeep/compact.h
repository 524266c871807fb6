// Compaction: a store's data written anew without what was overwritten or
// deleted, so that they take less room and fewer reads.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_COMPACT_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_COMPACT_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/store/store.h"

namespace headway::store {

// May take hours; reads and commits go on beside it. Asks `check_alive`, which
// must be thread-safe, several times a second; its error ends the work and is
// returned. Thread-safe. Errors are those of the engine.
absl::Status CompactStore(const Store& store,
                          absl::FunctionRef<absl::Status()> check_alive);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_COMPACT_H_
