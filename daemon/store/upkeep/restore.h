// Restores a store from its backups: as one of them holds it, or as it was at
// any instant between the first and the last.
//
//   Restore({.backups = "/backups/headway", .to = "/var/lib/headway",
//            .at = instant}, sink)
//
// "At an instant" means after the last commit with recorded_at at or before it:
// series, vintages, checkpoints and records of that commit, and the raw
// documents that came before the next one. Restore takes the newest backup that
// leads there, and replays journals up to that commit. If no journal covers the
// instant, it refuses and names the nearest instants that can be restored.
//
// A store that was restored goes on with a history of its own, under another
// Store::identity. Its backups may
// go to the same directory; an instant that lies in both histories is answered
// from the one whose journal covers it.
//
// The target holds nothing that could be taken for a store until all is done
// and verified: a restore that was cut short leaves a folder "restoring" in it.
// Functions; one at a time for a target. Errors: FAILED_PRECONDITION (the
// target is not empty, the backup is of a newer format), NOT_FOUND,
// OUT_OF_RANGE (the instant), DATA_LOSS (a damaged file, named), those of the
// disk.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_RESTORE_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_RESTORE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/upkeep/backup.h"
#include "daemon/store/upkeep/problem.h"
#include "daemon/store/upkeep/verify.h"

namespace headway::store {

struct RestoreOptions {
  // The directory of the backups.
  std::string backups;
  // Absent, or empty.
  std::string to;
  // At most one of them; the newest backup if there is none.
  std::optional<BackupId> backup;
  std::optional<absl::Time> at;
  // Changes the restored store before it is verified and moved into place; an
  // error ends the restore.
  std::function<absl::Status(Engine&)> revise;
};

struct RestoreResult {
  // What was restored first.
  Backup backup;
  int64_t replayed_commits = 0;
  // The last commit of the restored store, as in Backup.
  CommitNumber commit = 0;
  absl::Time recorded_at = absl::InfinitePast();
  // Of the check at the end; problems make the restore fail with DATA_LOSS.
  VerifyCounts verified;
};

absl::StatusOr<RestoreResult> Restore(const RestoreOptions& options,
                                      const ProblemSink& sink);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_RESTORE_H_
