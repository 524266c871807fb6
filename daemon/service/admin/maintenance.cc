#include "daemon/service/admin/maintenance.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/upkeep/compact.h"

namespace headway::service {
namespace {

// Does the work unless the same is being done.
template <typename Work>
auto OneAtATime(absl::Mutex& mutex, absl::string_view what, Work work)
    -> decltype(work()) {
  if (!mutex.TryLock()) {
    return absl::AbortedError(absl::StrCat(
        what, " is under way already; try again when it has ended"));
  }
  auto result = work();
  mutex.Unlock();
  return result;
}

}  // namespace

Maintenance::Maintenance(store::Store* store, Options options)
    : store_(*store),
      options_(std::move(options)),
      import_budget_("imports", options_.import_bytes) {
  LookForLastBackup();
}

absl::StatusOr<store::VerifyCounts> Maintenance::Verify(
    const store::ProblemSink& sink, const CheckAlive& check_alive) {
  return OneAtATime(verifying_, "a check of the store", [&] {
    return store::VerifyStore(store_, sink, check_alive);
  });
}

absl::Status Maintenance::Compact(const CheckAlive& check_alive) {
  return OneAtATime(compacting_, "a compaction",
                    [&] { return store::CompactStore(store_, check_alive); });
}

absl::StatusOr<store::Backup> Maintenance::CreateBackup(
    const CheckAlive& check_alive) {
  RETURN_IF_ERROR(CheckDirectory());
  auto backup = OneAtATime(backing_up_, "a backup or a check of them", [&] {
    return store::CreateBackup(store_, {.directory = options_.backup_directory,
                                        .keep = options_.keep_backups,
                                        .check_alive = check_alive});
  });
  LookForLastBackup();
  return backup;
}

absl::StatusOr<std::vector<store::Backup>> Maintenance::ListBackups() const {
  RETURN_IF_ERROR(CheckDirectory());
  absl::StatusOr<std::vector<store::Backup>> backups =
      store::ListBackups(options_.backup_directory);
  // The first one makes the directory.
  if (absl::IsNotFound(backups.status())) return std::vector<store::Backup>();
  return backups;
}

absl::StatusOr<store::BackupCounts> Maintenance::VerifyBackups(
    std::optional<store::BackupId> id, const store::ProblemSink& sink,
    const CheckAlive& check_alive) {
  RETURN_IF_ERROR(CheckDirectory());
  return OneAtATime(backing_up_, "a backup or a check of them", [&] {
    return store::VerifyBackups(options_.backup_directory, id, sink,
                                check_alive);
  });
}

absl::Status Maintenance::DeleteBackup(store::BackupId id) {
  RETURN_IF_ERROR(CheckDirectory());
  absl::Status status = OneAtATime(
      backing_up_, "a backup or a check of them",
      [&] { return store::DeleteBackup(options_.backup_directory, id); });
  LookForLastBackup();
  return status;
}

std::optional<store::Backup> Maintenance::last_backup() const {
  absl::MutexLock lock(&mutex_);
  return last_backup_;
}

absl::Status Maintenance::CheckDirectory() const {
  if (!options_.backup_directory.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the daemon has no directory for backups; start it with --backup-dir "
      "DIR, or set backup_directory in the file that it is given as --config");
}

void Maintenance::LookForLastBackup() {
  if (options_.backup_directory.empty()) return;
  absl::StatusOr<std::vector<store::Backup>> backups = ListBackups();
  absl::MutexLock lock(&mutex_);
  last_backup_.reset();
  if (backups.ok() && !backups->empty()) {
    last_backup_ = std::move(backups->back());
  }
}

}  // namespace headway::service
