// A disk in memory that loses power, fails, fills up and rots at a test's word,
// as an Env for RocksEngine.
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
#ifndef HEADWAY_TESTS_STORE_FAULT_ENV_H_
#define HEADWAY_TESTS_STORE_FAULT_ENV_H_

#include <rocksdb/io_status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rocksdb {
class Env;
}

namespace headway::store {

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
    kAll,    // none
    kTail,   // those before some point
    kPages,  // as kTail, but some pages of 512 bytes hold zeros
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
  std::unique_ptr<FaultDisk> Copy() const;

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

 private:
  class FileSystem;
  explicit FaultDisk(std::shared_ptr<FileSystem> files);

  const std::shared_ptr<FileSystem> files_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace headway::store

#endif  // HEADWAY_TESTS_STORE_FAULT_ENV_H_
