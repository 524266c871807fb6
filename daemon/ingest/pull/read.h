// The verb `read`: a plugin delivers, and what it delivers is committed.
//
// Thread-safe. Errors are those of plugin_host.h.
#ifndef HEADWAY_DAEMON_INGEST_PULL_READ_H_
#define HEADWAY_DAEMON_INGEST_PULL_READ_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin/conversation.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/pull/assembler.h"
#include "daemon/ingest/source/reports.h"
#include "daemon/store/store.h"

namespace headway::ingest {

// Runs the plugin from the source's last checkpoints, commits what it
// delivers, and keeps its documents.
absl::StatusOr<PullReport> RunRead(const ReadySource& ready,
                                   absl::string_view run, Clock* clock,
                                   store::Store* store,
                                   const PullObserver& observer);

// What a replay shares with it.
store::Provenance ProvenanceOf(const ReadySource& ready, absl::string_view run);
// Runs the plugin and hands all that it delivers to the assembler.
absl::StatusOr<PullReport> Deliver(const ReadySource& ready,
                                   const Invocation& invocation,
                                   Assembler& assembler,
                                   const PullObserver& observer);

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PULL_READ_H_
