// A source that takes the place of another: what that one delivered is
// withdrawn, so that nothing of it counts twice under another name.
//
// Thread-safe. Errors are those of the store.
#ifndef HEADWAY_DAEMON_INGEST_PULL_TAKEOVER_H_
#define HEADWAY_DAEMON_INGEST_PULL_TAKEOVER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// Withdraws all that `replaced` said, in its own name, as of `now`, and makes
// its next pull start from nothing, as it would have to deliver all again. One
// commit, with `provenance`; none if `replaced` has delivered nothing since.
absl::StatusOr<store::CommitResult> WithdrawAll(
    absl::string_view replaced, const store::Provenance& provenance,
    absl::Time now, const std::vector<store::RecordPrecondition>& preconditions,
    store::Store* store);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_TAKEOVER_H_
