// Backups of a store, made while it is written, and the journals between them.
//
//   CreateBackup(*store, {.directory = "/backups/headway", .keep = 7})
//
// A backup is the store as it was after one commit. Backups share what did not
// change between them. From the second on, each comes with a journal of the
// commits since the one before, taken from the store's log, so that a restore
// (restore.h) reaches every commit between the first and the last backup. The
// log holds them if Store::Options::keep_log_bytes is larger than what is
// written between two backups; if not, or if the store was restored meanwhile,
// the journal begins anew and Backup::continuous is false.
//
// In the directory, beside what engine/rocks/backup.h says:
//   headway/ID.backup    checksum, point, varint sequence number, varint
//                        format, byte continuous, text Headway's version
//   headway/ID.journal   journal.h
// A description is written after its copy. If the program ended in between, the
// copy itself is read for what the description would say, and the next
// CreateBackup writes it. Nothing is lost by kill -9 at any instant but the
// backup that was being made.
//
// Thread-safe; a directory takes one writer at a time, the others get ABORTED.
// Errors: those of engine/rocks/backup.h and journal.h; INVALID_ARGUMENT for a
// directory in or around that of the store.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_BACKUP_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_BACKUP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/journal.h"
#include "daemon/store/upkeep/problem.h"

namespace headway::store {

using BackupId = uint32_t;

struct Backup {
  // Rises with time.
  BackupId id = 0;
  absl::Time created_at;
  // The last commit in it, 0 if there was none; recorded_at is then the
  // infinite past.
  CommitNumber commit = 0;
  absl::Time recorded_at = absl::InfinitePast();
  // Every instant since the backup before can be restored.
  bool continuous = false;
  uint64_t format = 0;
  std::string headway_version;
  // Of all its files; most are shared with other backups.
  uint64_t bytes = 0;
  uint32_t files = 0;
};

struct BackupOptions {
  // Made if it is not there.
  std::string directory;
  // At least 1; older backups are deleted after a new one is made.
  int keep = 7;
  // Called now and then; its error ends the work.
  std::function<absl::Status()> check_alive = [] { return absl::OkStatus(); };
};

// INVALID_ARGUMENT if one of them lies in the other: a backup in the store's
// own directory goes with it when it is lost.
absl::Status CheckBackupDirectory(const std::string& store,
                                  const std::string& backups);

absl::StatusOr<Backup> CreateBackup(const Store& store,
                                    const BackupOptions& options);

// Oldest first, without those that are too damaged to be described. NOT_FOUND
// if the directory holds no backups.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory);

// NOT_FOUND if there is none of that number. Instants around it can still be
// restored from an older one.
absl::Status DeleteBackup(const std::string& directory, BackupId id);

struct BackupCounts {
  int64_t backups = 0;
  int64_t files = 0;
  int64_t journals = 0;
  int64_t problems = 0;
};

// Reads every file of the backup, or of all backups and journals, and compares
// it with its checksum.
absl::StatusOr<BackupCounts> VerifyBackups(
    const std::string& directory, std::optional<BackupId> id,
    const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive = [] {
      return absl::OkStatus();
    });

// ---- for restore.h ----

LogPoint PointOf(const Backup& backup);

struct StoredJournal {
  std::string path;
  JournalHeader header;
};
// Those that are whole, oldest first.
std::vector<StoredJournal> ListJournals(const std::string& directory);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_BACKUP_H_
