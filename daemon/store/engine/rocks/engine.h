// The engine over RocksDB: a column family for each family, one log for all.
//
// Writes go to the log, which Sync brings to the disk. The directory is locked
// against other processes. What is generic is said in engine/engine.h.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/maintenance.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace headway::store {

class DirectoryLock;
class Watchman;

class RocksEngine final : public Engine, public Maintenance {
 public:
  struct Options {
    size_t block_cache_bytes = size_t{64} << 20;
    // Writes are refused when less than this is free on the disk: what is in
    // memory must still find room.
    uint64_t reserved_bytes = uint64_t{64} << 20;
    // How much all families together hold in memory before it goes to tables.
    size_t write_buffer_bytes = size_t{64} << 20;
    // How much of the log stays behind when its writes have gone to tables, so
    // that ReadLog finds them; 0 is nothing. Absent: everything if some was
    // kept before, else nothing.
    std::optional<uint64_t> keep_log_bytes;
    // Takes no writes, and no lock.
    bool read_only = false;
    // The operating system if null; tests put a faulty one in its place. Must
    // outlive the engine.
    rocksdb::Env* env = nullptr;
  };

  // Makes the directory if it is not there.
  static absl::StatusOr<std::unique_ptr<RocksEngine>> Open(
      const std::string& directory, const Options& options);
  ~RocksEngine() override;

  RocksEngine(const RocksEngine&) = delete;
  RocksEngine& operator=(const RocksEngine&) = delete;

  absl::Status Append(const WriteBatch& batch) override;
  absl::Status Sync() override;
  absl::Status final_error() const override;
  std::shared_ptr<const Snapshot> NewSnapshot() const override;
  std::unique_ptr<View> ViewOf(
      std::shared_ptr<const Snapshot> snapshot) const override;
  absl::StatusOr<uint64_t> ReadMark() const override;
  absl::Status WriteMark(uint64_t mark) const override;
  const std::string& location() const override { return directory_; }
  Maintenance& maintenance() override { return *this; }

  absl::Status CheckTables(absl::FunctionRef<absl::Status(
                               const std::string& path, const absl::Status&)>
                               file) const override;
  absl::Status Compact(absl::FunctionRef<absl::Status()> check_alive) override;
  absl::StatusOr<EngineUsage> GetUsage() const override;
  uint64_t last_sequence() const override;
  absl::Status ReadLog(
      uint64_t sequence, absl::FunctionRef<absl::Status(const KeyWrite&)> write,
      absl::FunctionRef<absl::StatusOr<bool>()> end_batch) const override;

  // For the other parts of this room.
  rocksdb::DB& db() const { return *db_; }
  // Null for a family that was not there when the engine was opened read-only:
  // it is empty.
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

 private:
  RocksEngine(std::string directory, const Options& options);

  // Puts the handles as they were opened, those of Family first and in its
  // order, where handle() looks for them.
  void OrderHandles();
  absl::Status Check(const Precondition& precondition) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status CheckSpace(size_t batch_bytes) const;
  // Has RocksDB go on after its tables found no room.
  absl::Status Resume() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Whether the engine was opened before to keep some of its log.
  bool KeptLogs() const;
  void DeleteKeptLogs() const;
  // Refuses all writes from now on.
  absl::Status Fail(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status StatusOf(const rocksdb::Status& status) const;

  const std::string directory_;
  const uint64_t reserved_bytes_;
  rocksdb::Env* const env_;
  // Null on an Env of a test.
  std::unique_ptr<DirectoryLock> lock_;
  std::shared_ptr<Watchman> watchman_;
  std::unique_ptr<rocksdb::DB> db_;
  // In the order of Family; families of a newer format follow.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  mutable absl::Mutex write_mutex_;
  absl::Status write_error_ ABSL_GUARDED_BY(write_mutex_);
  // Tables found no room, and RocksDB has not gone on since.
  bool waits_for_space_ ABSL_GUARDED_BY(write_mutex_) = false;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_
