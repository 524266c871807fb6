// The commit log: one entry for each commit, written in the same batch as the
// data. Those that changed a series are listed once more, apart from the many
// that only keep a ledger: whoever follows the series reads that list.
// Functions over a view; thread-safe. Errors: DATA_LOSS with the number of the
// entry, and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_
#define HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

using NumberedCommit = std::pair<CommitNumber, StoredCommit>;

absl::StatusOr<StoredCommit> ReadCommit(const View& view, CommitNumber number);
// Number 0 if there is none yet.
absl::StatusOr<NumberedCommit> LastCommit(const View& view);
// Those after `after`, oldest first, at most `limit`. One that is damaged is
// left out, and said in the log: it must not hide those after it. CommitsAfter
// has all of them, ChangesAfter those that changed a series.
absl::StatusOr<std::vector<NumberedCommit>> CommitsAfter(const View& view,
                                                         CommitNumber after,
                                                         size_t limit);

absl::StatusOr<std::vector<NumberedCommit>> ChangesAfter(const View& view,
                                                         CommitNumber after,
                                                         size_t limit);

// Lists the changes of a store from before there was a list.
absl::Status ListChanges(Engine* engine);

void WriteCommit(CommitNumber number, const StoredCommit& commit,
                 WriteBatch* batch);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_HISTORY_COMMIT_LOG_H_
