// Copies of an engine in a directory, over RocksDB's BackupEngine: a copy
// shares the tables that an earlier one already has, each file has a checksum,
// and a copy is there whole or not at all, whatever happens while it is made.
//
// In the directory RocksDB keeps meta/, private/ and shared_checksum/. What a
// copy holds, and which copies are kept, upkeep/backup.h decides.
//
// A directory takes one writing object at a time, over all processes; others
// may read meanwhile. An object belongs to one thread. Errors name the
// directory: NOT_FOUND, ABORTED (another process writes it), DATA_LOSS,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED (disk full), INTERNAL.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_BACKUP_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_BACKUP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/engine/engine.h"

namespace rocksdb {
class BackupEngine;
class BackupEngineReadOnly;
class BackupEngineReadOnlyBase;
}  // namespace rocksdb

namespace headway::store {

struct RocksCopy {
  // Each new copy has a greater id, and no id is used again.
  uint32_t id = 0;
  absl::Time created_at;
  // Of all files of the copy, also those that it shares with others.
  uint64_t bytes = 0;
  uint32_t files = 0;
};

// A file of a copy, and the CRC-32C that it must have.
struct CopiedFile {
  std::string path;
  uint32_t crc32c = 0;
};

class RocksBackups {
 public:
  enum class Mode { kRead, kWrite };

  // Makes the directory for writing; for reading it must be there.
  static absl::StatusOr<std::unique_ptr<RocksBackups>> Open(
      const std::string& directory, Mode mode);
  ~RocksBackups();

  RocksBackups(const RocksBackups&) = delete;
  RocksBackups& operator=(const RocksBackups&) = delete;

  // Oldest first, without those that ListDamaged names.
  std::vector<RocksCopy> List() const;
  // Copies whose list of files, or one of the files, is missing.
  std::vector<uint32_t> ListDamaged() const;

  // Copies the engine while it is written; what is written meanwhile may be in
  // the copy or not, each batch whole. Ends early, with the error, when
  // `check_alive` returns one. Clears away what was left of copies cut short.
  // UNIMPLEMENTED if the engine is not one over RocksDB.
  absl::StatusOr<uint32_t> Create(
      Engine& engine, absl::FunctionRef<absl::Status()> check_alive);
  absl::Status Delete(uint32_t id);

  // The copy as an engine that takes no writes. Must not outlive this.
  absl::StatusOr<std::unique_ptr<Engine>> OpenCopy(uint32_t id) const;

  // Writes the copy to a directory, checking each file on the way.
  absl::Status Restore(uint32_t id, const std::string& to) const;

  absl::StatusOr<std::vector<CopiedFile>> ListFiles(uint32_t id) const;
  // DATA_LOSS if the file is not as it was written.
  absl::Status CheckFile(const CopiedFile& file) const;

 private:
  explicit RocksBackups(std::string directory);
  absl::Status Lock();
  const rocksdb::BackupEngineReadOnlyBase& base() const;

  const std::string directory_;
  int lock_ = -1;
  // Exactly one of these is set, by the mode.
  std::unique_ptr<rocksdb::BackupEngine> writer_;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> reader_;
  // RocksDB's environments of the copies that were opened, kept for them.
  mutable std::vector<std::shared_ptr<void>> environments_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_BACKUP_H_
