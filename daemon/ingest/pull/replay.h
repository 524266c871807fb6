// Replays: a plugin reads once more what it was sent when a pull was made.
//
// It is given the checkpoints, the time and the documents of that pull, and no
// network (the SDKs' HTTP clients answer from the documents alone). What it
// delivers replaces what the pull had delivered, under the same known_at, in
// one commit: all or nothing. See pull/history.h.
//
// A replay changes no checkpoint: the source goes on where its last pull left
// off. Nor does it change the list of series that a stream delivers, which is
// that of the last pull.
//
// Thread-safe. Errors are those of plugin_host.h.
#ifndef HEADWAY_DAEMON_INGEST_PULL_REPLAY_H_
#define HEADWAY_DAEMON_INGEST_PULL_REPLAY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/store/documents.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// The pulls that `which` chooses, oldest first. NOT_FOUND if there are none.
absl::StatusOr<std::vector<store::Pull>> FindPulls(const std::string& source,
                                                   const PullChoice& which,
                                                   const store::Store& store);

// `dry_run`: commit nothing, say what would change.
absl::StatusOr<ReplayReport> RunReplay(const ReadySource& ready,
                                       const store::Pull& pull, bool dry_run,
                                       Clock* clock, store::Store* store,
                                       const PullObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_REPLAY_H_
