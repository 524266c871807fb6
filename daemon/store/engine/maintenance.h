// What operators ask of an engine: its checks, its size, its log.
//
// An interface beside Engine, and not part of engine/rocks/, so that verify.h,
// stats.h and journal.h work on any store without knowing what it stands on. An
// engine without tables or a log of its own answers with nothing. Backups are
// not here: they copy RocksDB's files (engine/rocks/backup.h), and another
// engine will have its own tools for that.
//
// Thread-safe. Errors are those of the engine.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_MAINTENANCE_H_
#define HEADWAY_DAEMON_STORE_ENGINE_MAINTENANCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/engine/write_batch.h"

namespace headway::store {

// What an engine takes up, in bytes. Exact but for keys and memory, which the
// engine estimates.
struct EngineUsage {
  struct FamilyUsage {
    std::string name;
    uint64_t bytes = 0;
    uint64_t memory_bytes = 0;
    uint64_t estimated_keys = 0;
  };
  // In the order of Family.
  std::vector<FamilyUsage> families;
  uint64_t table_files = 0;
  // The log that a restart would read again, and older log that is kept.
  uint64_t log_bytes = 0;
  uint64_t kept_log_bytes = 0;
  uint64_t cache_bytes = 0;
  uint64_t free_disk_bytes = 0;
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;

  // Reads every table and calls `file` for each, with an error if its checksums
  // do not hold. Ends early if that returns an error. Tables stay until then.
  virtual absl::Status CheckTables(
      absl::FunctionRef<absl::Status(const std::string& path,
                                     const absl::Status&)>
          file) const = 0;

  // Writes all that is in memory to tables, then each family's tables anew
  // without what was overwritten or deleted. Reads and writes go on. Asks
  // `check_alive`, which must be thread-safe, several times a second; its error
  // ends the work.
  virtual absl::Status Compact(
      absl::FunctionRef<absl::Status()> check_alive) = 0;

  virtual absl::StatusOr<EngineUsage> GetUsage() const = 0;

  // The number of the last write; each put and each delete counts.
  virtual uint64_t last_sequence() const = 0;

  // Hands over what was written after `sequence`, in its order, as far as the
  // log still has it: the first write may be a later one. A KeyWrite is good
  // until the next one. `end_batch` is called after what was written at once,
  // and returns whether to go on.
  virtual absl::Status ReadLog(
      uint64_t sequence, absl::FunctionRef<absl::Status(const KeyWrite&)> write,
      absl::FunctionRef<absl::StatusOr<bool>()> end_batch) const = 0;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_MAINTENANCE_H_
