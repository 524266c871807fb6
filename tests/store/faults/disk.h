// A disk in memory that loses power, fails, fills up and rots at a test's word,
// as an Env for RocksDB.
//
// It keeps what the worst of disks may keep:
//  - Of a file, what was synced is safe. Beyond that, a power cut leaves a
//  part.
//  - A file that was made, renamed or removed is so for certain when its
//    directory was synced. Of the changes since then a power cut keeps the
//    first few, directory by directory.
//  - After a sync has failed, later ones tell lies: what was not synced then
//    never will be.
// Directories themselves are safe at once.
//
// Thread-safe. Must outlive the engines on it.
#ifndef HEADWAY_TESTS_STORE_FAULTS_DISK_H_
#define HEADWAY_TESTS_STORE_FAULTS_DISK_H_

#include <rocksdb/io_status.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace rocksdb {
class Env;
}

namespace headway::store {

// What opening a file that is not there says.
rocksdb::IOStatus NoFile(const std::string& path);

class FaultDisk {
 public:
  // A directory that is there from the start.
  static constexpr char kDirectory[] = "/store";

  // `seed` decides all that is random.
  explicit FaultDisk(uint64_t seed);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  rocksdb::Env* env();

  // What a power cut leaves of the bytes that were not synced.
  enum class Loss {
    kAll,   // none
    kTail,  // those before some point
  };

  // The disk that a machine finds when it starts again. This one goes on, so
  // that the engine on it can be closed.
  std::unique_ptr<FaultDisk> AfterPowerCut(Loss loss);

  // Cuts the power just before the operation that comes after `operations` more
  // that change the disk, and calls `at_cut` then, which must not use the disk.
  void CutPowerAfter(int operations, Loss loss,
                     std::function<void()> at_cut = nullptr);
  // The disk that this left; null if it did not come to it. Then, or if it
  // did, nothing more is cut.
  std::unique_ptr<FaultDisk> TakeDiskAfterPowerCut();

  // Operations that changed the disk.
  int64_t changes() const;

  // The same disk once more, as running programs see it.
  std::unique_ptr<FaultDisk> Copy();

  enum class Operation {
    kCreate,
    kAppend,
    kSync,
    kSyncDirectory,
    kRename,
    kRemove,
    kRead,
  };

  struct Fault {
    Operation operation = Operation::kAppend;
    // Only files whose path contains this.
    std::string path_part;
    // This many go well first.
    int after = 0;
    // And all that follow, until Heal.
    bool for_good = true;
    rocksdb::IOStatus error = rocksdb::IOStatus::IOError("injected");
    // Of a read: flips one bit of what was read instead.
    bool flip_bit = false;
  };
  // In place of the fault before, if there is one.
  void Inject(const Fault& fault);
  void Heal();
  // Operations that the fault has hit since Inject.
  int faults_hit() const;

  // Appends beyond it fail for want of space.
  void SetFreeBytes(uint64_t bytes);

  // Paths of all files, rising.
  std::vector<std::string> Files() const;
  std::string Contents(const std::string& path) const;
  // Puts a file there, synced, with these bytes.
  void SetContents(const std::string& path, std::string bytes);
  void Remove(const std::string& path);

  // What programs do, for fault_env.

  struct File {
    std::string bytes;
    size_t synced = 0;
    bool sync_failed = false;
  };

  // Null if there is none.
  std::shared_ptr<File> Find(const std::string& path) const;
  rocksdb::IOStatus Create(const std::string& path,
                           std::shared_ptr<File>* file);
  rocksdb::IOStatus Append(const std::string& path, File* file,
                           absl::string_view bytes);
  rocksdb::IOStatus Sync(const std::string& path, File* file);
  void Truncate(File* file, size_t size);
  // Puts up to `bytes` bytes from `offset` on into `out`, and says how many.
  rocksdb::IOStatus Read(const std::string& path, const File& file,
                         uint64_t offset, size_t bytes, char* out,
                         size_t* read);
  size_t SizeOf(const File& file) const;
  rocksdb::IOStatus Link(const std::string& from, const std::string& to);
  rocksdb::IOStatus Rename(const std::string& from, const std::string& to);
  rocksdb::IOStatus Unlink(const std::string& path);
  // False if it was there.
  bool MakeDirectory(const std::string& path);
  bool RemoveDirectory(const std::string& path);
  bool IsDirectory(const std::string& path) const;
  rocksdb::IOStatus SyncDirectory(const std::string& path);
  std::vector<std::string> Children(const std::string& directory) const;
  // False if somebody holds it.
  bool Lock(const std::string& path);
  void Unlock(const std::string& path);
  uint64_t free_bytes() const;

 private:
  using FileTable = std::map<std::string, std::shared_ptr<File>>;

  static constexpr uint64_t kPlenty = uint64_t{1} << 40;

  // Links `path` to `file`, and unlinks `unlinked`; either may be empty.
  struct DirectoryChange {
    const std::string& ChangedPath() const {
      return path.empty() ? unlinked : path;
    }
    void Make(FileTable* files) const;

    std::string path;
    std::shared_ptr<File> file;
    std::string unlinked;
  };

  // A whole number below `limit`, or 0.
  size_t Random(uint64_t limit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether an operation goes well, and what happens just before it.
  rocksdb::IOStatus Begin(Operation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  rocksdb::IOStatus Change(Operation operation, DirectoryChange change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::unique_ptr<FaultDisk> CutPower(Loss loss)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<File> WhatIsLeft(const File& file, Loss loss)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> directories_ ABSL_GUARDED_BY(mutex_) = {kDirectory};
  // As running programs see them.
  FileTable files_ ABSL_GUARDED_BY(mutex_);
  // As directories were synced.
  FileTable durable_ ABSL_GUARDED_BY(mutex_);
  std::vector<DirectoryChange> pending_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> locked_ ABSL_GUARDED_BY(mutex_);
  uint64_t free_bytes_ ABSL_GUARDED_BY(mutex_) = kPlenty;
  std::optional<Fault> fault_ ABSL_GUARDED_BY(mutex_);
  int faults_hit_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<int> until_cut_ ABSL_GUARDED_BY(mutex_);
  Loss loss_ ABSL_GUARDED_BY(mutex_) = Loss::kAll;
  std::function<void()> at_cut_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<FaultDisk> after_cut_ ABSL_GUARDED_BY(mutex_);

  // Last: RocksDB uses the rest through it.
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULTS_DISK_H_
