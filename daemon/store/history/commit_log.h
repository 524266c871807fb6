// The commit log: one entry a commit, written with what it tells of.
// Functions over a view; thread-safe. Errors: DATA_LOSS with the number of the
// entry, and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_
#define HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

using NumberedCommit = std::pair<CommitNumber, StoredCommit>;

absl::StatusOr<StoredCommit> ReadCommit(const RocksView& view,
                                        CommitNumber number);
// Number 0 if there is none yet.
absl::StatusOr<NumberedCommit> LastCommit(const RocksView& view);
// Those after `after`, oldest first, at most `limit`.
absl::StatusOr<std::vector<NumberedCommit>> CommitsAfter(const RocksView& view,
                                                         CommitNumber after,
                                                         size_t limit);

void WriteCommit(CommitNumber number, const StoredCommit& commit,
                 RocksBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_
