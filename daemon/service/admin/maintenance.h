// The backups of a running daemon's store, and what imports to it share.
//
// Thread-safe. Errors: FAILED_PRECONDITION without a directory, with how to set
// it; ABORTED for a deletion while backups are made or checked; those of
// store/upkeep/backup.h.
#ifndef HEADWAY_DAEMON_SERVICE_ADMIN_MAINTENANCE_H_
#define HEADWAY_DAEMON_SERVICE_ADMIN_MAINTENANCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/memory_budget.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/backup.h"
#include "daemon/store/upkeep/problem.h"

namespace headway::service {

class Maintenance {
 public:
  struct Options {
    // Where backups go; there are none if it is empty.
    std::string backup_directory;
    int keep_backups = 7;
    int64_t import_bytes = int64_t{256} << 20;
  };

  // `store` must outlive it.
  Maintenance(store::Store* store, Options options);

  // OK if there is a directory for backups.
  absl::Status CheckDirectory() const;

  absl::StatusOr<store::Backup> CreateBackup(const CheckAlive& check_alive);
  // Oldest first; none if there is no directory yet.
  absl::StatusOr<std::vector<store::Backup>> ListBackups() const;
  absl::StatusOr<store::BackupCounts> VerifyBackups(
      std::optional<store::BackupId> id, const store::ProblemSink& sink,
      const CheckAlive& check_alive);
  absl::Status DeleteBackup(store::BackupId id);

  // What all imports under way may hold.
  MemoryBudget* import_budget() { return &import_budget_; }

  // The newest backup; empty if there is none.
  std::optional<store::Backup> last_backup() const;

 private:
  // Brings last_backup_ up to date.
  void LookForLastBackup();

  store::Store& store_;
  const Options options_;
  MemoryBudget import_budget_;
  // Held while backups are made or checked: none is deleted meanwhile.
  absl::Mutex backing_up_;
  mutable absl::Mutex mutex_;
  std::optional<store::Backup> last_backup_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_ADMIN_MAINTENANCE_H_
