// An ordered key-value engine: families of keys, atomic synced batches,
// consistent views, ranges. Only the files daemon/store/rocks_* name RocksDB;
// what the bytes mean is the business of format.h. What operators ask of an
// engine is in rocks_operations.cc, backups of it are rocks_backup.h.
//
// Thread-safe, but for RocksIterator and RocksBatch, which belong to one
// thread. Errors name the directory and what an operator can do: UNAVAILABLE
// (locked by another process), PERMISSION_DENIED, NOT_FOUND (a file or folder
// is missing), RESOURCE_EXHAUSTED (disk full), DATA_LOSS (corrupt file),
// INTERNAL.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Iterator;
class PinnableSlice;
class Snapshot;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace headway::store {

// Key spaces. Their names on disk are in rocks_engine.cc; new ones go to the
// end.
enum class Family {
  kMeta,
  kSeries,
  kKeys,
  kIndex,
  kVintages,
  kCurrent,
  kCommits,
  kCheckpoints,
  kForecasts,
  kRuns,
  kScores,
  kVerdicts,
  kState,
  kPulls,
  kDocuments,
  kHolders,
  kBodies,
};
inline constexpr Family kLastFamily = Family::kBodies;

// One Put or Delete as the log has it. Good until the next one.
struct LoggedWrite {
  Family family = Family::kMeta;
  absl::string_view key;
  // Empty: a Delete.
  std::optional<absl::string_view> value;
};

// What an engine takes up, in bytes. Exact but for keys and memory, which the
// engine estimates.
struct EngineUsage {
  struct Table {
    std::string family;
    uint64_t bytes = 0;
    uint64_t memory_bytes = 0;
    uint64_t estimated_keys = 0;
  };
  // In the order of Family.
  std::vector<Table> tables;
  uint64_t table_files = 0;
  // What a restart would read again, and what is kept of it afterwards.
  uint64_t log_bytes = 0;
  uint64_t kept_log_bytes = 0;
  uint64_t cache_bytes = 0;
  uint64_t free_disk_bytes = 0;
};

class DirectoryLock;
class LogSyncer;
class RocksBackups;
class RocksBatch;
class RocksSnapshot;
class RocksView;

class RocksEngine {
 public:
  struct Options {
    size_t block_cache_bytes = size_t{64} << 20;
    // Writes are refused when less than this is free on the disk: what is in
    // memory must still find room.
    uint64_t reserved_bytes = uint64_t{64} << 20;
    // What is in memory of all families together before it goes to tables.
    size_t write_buffer_bytes = size_t{64} << 20;
    // How much of the log stays behind when its writes have gone to tables, so
    // that ReadLog finds them; 0 is nothing. Empty: all where some was kept
    // before, else nothing.
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
  ~RocksEngine();

  RocksEngine(const RocksEngine&) = delete;
  RocksEngine& operator=(const RocksEngine&) = delete;

  // Writes all of `batch` or none of it. It can be seen in views made from then
  // on, and is on the disk when Sync has returned. RESOURCE_EXHAUSTED for want
  // of space can be tried again; after any other error every write fails until
  // the engine is opened anew, and whether that batch is there shows then.
  // Waits when the tables on disk cannot keep up with what is in memory.
  absl::Status Append(RocksBatch* batch);

  // Returns when all that was appended before is on the disk. After an error
  // every write fails, as above.
  absl::Status Sync();

  // Append and Sync.
  absl::Status Write(RocksBatch* batch);

  // A number beside RocksDB's files, 0 if it was never written: written whole
  // and synced, or not at all.
  absl::StatusOr<uint64_t> ReadMark() const;
  absl::Status WriteMark(uint64_t mark) const;

  // The present, kept: for views now or later.
  std::shared_ptr<const RocksSnapshot> NewSnapshot() const;

  std::unique_ptr<RocksView> NewView(
      std::shared_ptr<const RocksSnapshot> snapshot) const;
  std::unique_ptr<RocksView> NewView() const { return NewView(NewSnapshot()); }
  // Each read sees all that was appended before it.
  std::unique_ptr<RocksView> LatestView() const { return NewView(nullptr); }

  const std::string& directory() const { return directory_; }

  // The number of the last write; each Put and Delete counts.
  uint64_t last_sequence() const;

  // Hands over what was written after `sequence`, in its order, as far as the
  // log still has it: the first write may be a later one. `end_batch` is called
  // after what was written at once, and returns whether to go on.
  absl::Status ReadLog(
      uint64_t sequence,
      absl::FunctionRef<absl::Status(const LoggedWrite&)> write,
      absl::FunctionRef<absl::StatusOr<bool>()> end_batch) const;

  // Reads every table and calls `file` for each, with an error if its checksums
  // do not hold. Ends early if that returns an error. Tables stay until then.
  absl::Status CheckTables(absl::FunctionRef<absl::Status(
                               const std::string& path, const absl::Status&)>
                               file) const;

  // Writes all that is in memory to tables, then each family's tables anew
  // without what was overwritten or deleted. Reads and writes go on.
  // `check_alive` is asked between families.
  absl::Status Compact(absl::FunctionRef<absl::Status()> check_alive);

  absl::StatusOr<EngineUsage> GetUsage() const;

 private:
  friend class RocksBackups;
  friend class RocksBatch;
  friend class RocksSnapshot;
  friend class RocksView;

  RocksEngine(std::string directory, const Options& options);

  absl::Status CheckSpace(size_t batch_bytes) const;
  // Whether the engine was opened before to keep some of its log.
  bool KeptLogs() const;
  void DeleteKeptLogs() const;
  // Refuses all writes from now on.
  absl::Status Fail(const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status StatusOf(const rocksdb::Status& status) const;

  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

  const std::string directory_;
  const uint64_t reserved_bytes_;
  rocksdb::Env* const env_;
  // Null on an Env of a test.
  std::unique_ptr<DirectoryLock> lock_;
  std::shared_ptr<LogSyncer> log_syncer_;
  std::unique_ptr<rocksdb::DB> db_;
  // In the order of Family; families of a newer format follow.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  absl::Mutex write_mutex_;
  absl::Status write_error_ ABSL_GUARDED_BY(write_mutex_);
};

// What is written as one. Belongs to one thread.
class RocksBatch {
 public:
  explicit RocksBatch(const RocksEngine& engine);
  ~RocksBatch();
  RocksBatch(RocksBatch&&) noexcept;

  // One for the same engine.
  RocksBatch NewEmpty() const { return RocksBatch(engine_); }

  void Put(Family family, absl::string_view key, absl::string_view value);
  void Delete(Family family, absl::string_view key);

  // What comes after a save point can be taken back, or is kept by popping it.
  void SetSavePoint();
  void RollbackToSavePoint();
  void PopSavePoint();

  // Nothing was put or deleted.
  bool empty() const;
  size_t bytes() const;

  // Puts and deletes what `other` does, behind what is there.
  void Append(const RocksBatch& other);

 private:
  friend class RocksEngine;

  const RocksEngine& engine_;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
};

// A value where the engine has it, without a copy. Belongs to one thread.
class RocksValue {
 public:
  RocksValue();
  ~RocksValue();

  // Good until the next read into it.
  absl::string_view bytes() const;

 private:
  friend class RocksView;
  std::unique_ptr<rocksdb::PinnableSlice> value_;
};

// Walks the keys of a family from `lower` on and before `upper`; an empty
// bound is none. Starts nowhere: call a Seek first. When it is no longer
// valid, status() says whether that was the end or an error. Must not outlive
// its view.
class RocksIterator {
 public:
  ~RocksIterator();
  RocksIterator(RocksIterator&&) noexcept;

  void SeekToFirst();
  void SeekToLast();
  // To the first key at or after `key`.
  void Seek(absl::string_view key);
  void Next();
  void Prev();
  bool Valid() const;
  // Good until the iterator moves.
  absl::string_view key() const;
  absl::string_view value() const;
  absl::Status status() const;

 private:
  friend class RocksView;
  struct Rep;
  explicit RocksIterator(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// The engine as it was at one instant. Must not outlive the engine.
class RocksSnapshot {
 public:
  ~RocksSnapshot();
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;

 private:
  friend class RocksEngine;
  friend class RocksView;
  explicit RocksSnapshot(const RocksEngine& engine);
  const RocksEngine& engine_;
  const rocksdb::Snapshot* const snapshot_;
};

// Reads the engine as of a snapshot, or as it is. Iterators without bounds are
// used again, for making one costs more than seeking with it; they hold files
// and memory back, so keep a view no longer than a query. Must not outlive the
// engine.
class RocksView {
 public:
  ~RocksView();
  RocksView(const RocksView&) = delete;
  RocksView& operator=(const RocksView&) = delete;

  // Empty if there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 absl::string_view key) const;
  // False if there is no such key.
  absl::StatusOr<bool> Get(Family family, absl::string_view key,
                           RocksValue* value) const;
  RocksIterator NewIterator(Family family, std::string lower = "",
                            std::string upper = "") const;
  // What errors call the store.
  const std::string& directory() const { return engine_.directory_; }

 private:
  friend class RocksEngine;
  friend class RocksIterator;
  RocksView(const RocksEngine& engine,
            std::shared_ptr<const RocksSnapshot> snapshot);

  std::unique_ptr<rocksdb::Iterator> TakeIdle(Family family) const;
  void PutIdle(Family family, std::unique_ptr<rocksdb::Iterator> it) const;

  const RocksEngine& engine_;
  const std::shared_ptr<const RocksSnapshot> snapshot_;
  mutable absl::Mutex mutex_;
  mutable std::vector<std::pair<Family, std::unique_ptr<rocksdb::Iterator>>>
      idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_ENGINE_H_
