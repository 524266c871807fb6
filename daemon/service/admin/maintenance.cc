#include "daemon/service/admin/maintenance.h"

#include <utility>

#include "daemon/base/status_macros.h"

namespace headway::service {

Maintenance::Maintenance(store::Store* store, Options options)
    : store_(*store),
      options_(std::move(options)),
      import_budget_("imports", options_.import_bytes) {
  LookForLastBackup();
}

absl::StatusOr<store::Backup> Maintenance::CreateBackup(
    const CheckAlive& check_alive) {
  RETURN_IF_ERROR(CheckDirectory());
  absl::MutexLock lock(&backing_up_);
  auto backup =
      store::CreateBackup(store_, {.directory = options_.backup_directory,
                                   .keep = options_.keep_backups,
                                   .check_alive = check_alive});
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
  absl::MutexLock lock(&backing_up_);
  return store::VerifyBackups(options_.backup_directory, id, sink, check_alive);
}

absl::Status Maintenance::DeleteBackup(store::BackupId id) {
  RETURN_IF_ERROR(CheckDirectory());
  if (!backing_up_.TryLock()) {
    return absl::AbortedError(
        "backups are being made, checked or deleted; try again when that has "
        "ended, or cancel it: the operations say which it is");
  }
  absl::Status status = store::DeleteBackup(options_.backup_directory, id);
  backing_up_.Unlock();
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
