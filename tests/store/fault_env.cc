#include "tests/store/fault_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace headway::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kPageBytes = 512;

struct File {
  std::string bytes;
  size_t synced = 0;
  bool sync_failed = false;
};

using FileTable = std::map<std::string, std::shared_ptr<File>>;

// Links `path` to `file`, and unlinks `unlinked`; either may be empty.
struct DirectoryChange {
  std::string path;
  std::shared_ptr<File> file;
  std::string unlinked;
};

std::string DirectoryOf(const std::string& path) {
  return path.substr(0, path.find_last_of('/'));
}

// RocksDB writes a//b at times.
std::string Normalized(std::string path) {
  for (size_t at; (at = path.find("//")) != std::string::npos;) {
    path.erase(at, 1);
  }
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

const std::string& ChangedPath(const DirectoryChange& change) {
  return change.path.empty() ? change.unlinked : change.path;
}

void Make(const DirectoryChange& change, FileTable* files) {
  if (!change.unlinked.empty()) files->erase(change.unlinked);
  if (!change.path.empty()) (*files)[change.path] = change.file;
}

IOStatus NoFile(const std::string& path) {
  return IOStatus::PathNotFound(path, "No such file or directory");
}

}  // namespace

class FaultDisk::FileSystem : public rocksdb::FileSystem {
 public:
  explicit FileSystem(uint64_t seed) : random_(seed) {}

  std::shared_ptr<FileSystem> AfterPowerCut(Loss loss) {
    absl::MutexLock lock(&mutex_);
    return CutPower(loss);
  }

  void CutPowerAfter(int operations, Loss loss, std::function<void()> at_cut) {
    absl::MutexLock lock(&mutex_);
    until_cut_ = operations;
    at_cut_ = std::move(at_cut);
    loss_ = loss;
    after_cut_ = nullptr;
  }

  std::shared_ptr<FileSystem> TakeDiskAfterPowerCut() {
    absl::MutexLock lock(&mutex_);
    until_cut_.reset();
    return std::move(after_cut_);
  }

  int64_t changes() const {
    absl::MutexLock lock(&mutex_);
    return changes_;
  }

  std::shared_ptr<FileSystem> Copy() {
    absl::MutexLock lock(&mutex_);
    auto copy = std::make_shared<FileSystem>(random_());
    absl::MutexLock copy_lock(&copy->mutex_);
    copy->directories_ = directories_;
    for (const auto& [path, file] : files_) {
      copy->files_[path] = std::make_shared<File>(*file);
    }
    copy->durable_ = copy->files_;
    return copy;
  }

  void Inject(const Fault& fault) {
    absl::MutexLock lock(&mutex_);
    fault_ = fault;
    faults_hit_ = 0;
  }

  void Heal() {
    absl::MutexLock lock(&mutex_);
    fault_.reset();
    free_bytes_ = kPlenty;
  }

  int faults_hit() const {
    absl::MutexLock lock(&mutex_);
    return faults_hit_;
  }

  void SetFreeBytes(uint64_t bytes) {
    absl::MutexLock lock(&mutex_);
    free_bytes_ = bytes;
  }

  std::vector<std::string> Paths() const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_) paths.push_back(path);
    return paths;
  }

  std::string Contents(const std::string& path) const {
    absl::MutexLock lock(&mutex_);
    return files_.at(path)->bytes;
  }

  void SetContents(const std::string& path, std::string bytes) {
    absl::MutexLock lock(&mutex_);
    auto file = std::make_shared<File>();
    file->synced = bytes.size();
    file->bytes = std::move(bytes);
    files_[path] = durable_[path] = file;
  }

  void Remove(const std::string& path) {
    absl::MutexLock lock(&mutex_);
    files_.erase(path);
    durable_.erase(path);
  }

  // What files do.

  IOStatus Append(const std::string& path, File* file, const Slice& data) {
    absl::MutexLock lock(&mutex_);
    IOStatus status = Begin(Operation::kAppend, path);
    size_t bytes = data.size();
    if (status.ok() && bytes > free_bytes_) {
      status = IOStatus::NoSpace(path, "No space left on device");
    }
    // Of a write that fails, any part may be there.
    if (!status.ok()) bytes = Random(std::min<uint64_t>(bytes, free_bytes_));
    file->bytes.append(data.data(), bytes);
    if (free_bytes_ != kPlenty) free_bytes_ -= bytes;
    return status;
  }

  IOStatus Sync(const std::string& path, File* file) {
    absl::MutexLock lock(&mutex_);
    IOStatus status = Begin(Operation::kSync, path);
    if (!status.ok()) file->sync_failed = true;
    if (!file->sync_failed) file->synced = file->bytes.size();
    return status;
  }

  IOStatus TruncateFile(File* file, uint64_t size) {
    absl::MutexLock lock(&mutex_);
    file->bytes.resize(size);
    file->synced = std::min<size_t>(file->synced, size);
    return IOStatus::OK();
  }

  IOStatus Read(const std::string& path, const File& file, uint64_t offset,
                size_t bytes, Slice* result, char* scratch) {
    absl::MutexLock lock(&mutex_);
    const IOStatus status = Begin(Operation::kRead, path);
    const bool flip = !status.ok() && fault_->flip_bit;
    if (!status.ok() && !flip) return status;
    const size_t size = file.bytes.size();
    const size_t from = std::min<size_t>(offset, size);
    bytes = std::min(bytes, size - from);
    memcpy(scratch, file.bytes.data() + from, bytes);
    if (flip && bytes > 0) scratch[Random(bytes)] ^= 1 << Random(8);
    *result = Slice(scratch, bytes);
    return IOStatus::OK();
  }

  uint64_t SizeOf(const File& file) const {
    absl::MutexLock lock(&mutex_);
    return file.bytes.size();
  }

  IOStatus SyncDirectory(const std::string& directory) {
    absl::MutexLock lock(&mutex_);
    IOStatus status = Begin(Operation::kSyncDirectory, directory);
    if (!status.ok()) return status;
    auto later = std::stable_partition(
        pending_.begin(), pending_.end(), [&](const DirectoryChange& change) {
          return DirectoryOf(ChangedPath(change)) == directory;
        });
    for (auto it = pending_.begin(); it != later; ++it) Make(*it, &durable_);
    pending_.erase(pending_.begin(), later);
    return IOStatus::OK();
  }

  // What RocksDB asks of a file system.

  const char* Name() const override { return "FaultDisk"; }

  IOStatus NewSequentialFile(const std::string& path,
                             const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* debug) override;
  IOStatus NewRandomAccessFile(
      const std::string& path, const FileOptions& options,
      std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
      IODebugContext* debug) override;
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& path,
                              const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* debug) override;
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override;

  IOStatus FileExists(const std::string& path, const IOOptions&,
                      IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    const std::string name = Normalized(path);
    if (files_.contains(name) || directories_.contains(name)) {
      return IOStatus::OK();
    }
    return IOStatus::NotFound(path);
  }

  IOStatus GetChildren(const std::string& directory, const IOOptions&,
                       std::vector<std::string>* children,
                       IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    const std::string name = Normalized(directory);
    children->clear();
    if (!directories_.contains(name)) return IOStatus::NotFound(directory);
    for (const auto& [path, file] : files_) AddChild(name, path, children);
    for (const std::string& path : directories_) {
      AddChild(name, path, children);
    }
    return IOStatus::OK();
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&,
                      IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    const std::string name = Normalized(path);
    if (!files_.contains(name)) return NoFile(path);
    return Change(Operation::kRemove, {"", nullptr, name});
  }

  IOStatus Truncate(const std::string& path, size_t size, const IOOptions&,
                    IODebugContext*) override {
    std::shared_ptr<File> file = Find(path);
    return file == nullptr ? NoFile(path) : TruncateFile(file.get(), size);
  }

  IOStatus CreateDir(const std::string& path, const IOOptions&,
                     IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    const bool is_new = directories_.insert(Normalized(path)).second;
    return is_new ? IOStatus::OK() : IOStatus::IOError(path, "File exists");
  }

  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&,
                              IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    directories_.insert(Normalized(path));
    return IOStatus::OK();
  }

  IOStatus DeleteDir(const std::string& path, const IOOptions&,
                     IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    return directories_.erase(Normalized(path)) > 0 ? IOStatus::OK()
                                                    : NoFile(path);
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions&,
                       uint64_t* size, IODebugContext*) override {
    std::shared_ptr<File> file = Find(path);
    if (file == nullptr) return NoFile(path);
    *size = SizeOf(*file);
    return IOStatus::OK();
  }

  IOStatus GetFileModificationTime(const std::string&, const IOOptions&,
                                   uint64_t* time, IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }

  IOStatus RenameFile(const std::string& from, const std::string& to,
                      const IOOptions&, IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    auto it = files_.find(Normalized(from));
    if (it == files_.end()) return NoFile(from);
    return Change(Operation::kRename, {Normalized(to), it->second, it->first});
  }

  IOStatus LinkFile(const std::string& from, const std::string& to,
                    const IOOptions&, IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    auto it = files_.find(Normalized(from));
    if (it == files_.end()) return NoFile(from);
    return Change(Operation::kCreate, {Normalized(to), it->second, ""});
  }

  IOStatus LockFile(const std::string& path, const IOOptions&,
                    rocksdb::FileLock** result, IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    *result = nullptr;
    if (!locked_.insert(path).second) {
      return IOStatus::IOError(absl::StrCat("While lock file: ", path),
                               "Resource temporarily unavailable");
    }
    *result = new Lock(path);
    return IOStatus::OK();
  }

  IOStatus UnlockFile(rocksdb::FileLock* held, const IOOptions&,
                      IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<Lock> owned(static_cast<Lock*>(held));
    locked_.erase(owned->path);
    return IOStatus::OK();
  }

  IOStatus GetTestDirectory(const IOOptions&, std::string* path,
                            IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }

  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&,
                           std::string* absolute, IODebugContext*) override {
    *absolute = path;
    return IOStatus::OK();
  }

  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes,
                        IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    *bytes = free_bytes_;
    return IOStatus::OK();
  }

  IOStatus IsDirectory(const std::string& path, const IOOptions&,
                       bool* is_directory, IODebugContext*) override {
    absl::MutexLock lock(&mutex_);
    *is_directory = directories_.contains(Normalized(path));
    return IOStatus::OK();
  }

 private:
  static constexpr uint64_t kPlenty = uint64_t{1} << 40;

  struct Lock : rocksdb::FileLock {
    explicit Lock(std::string path) : path(std::move(path)) {}
    const std::string path;
  };

  // A whole number below `limit`, or 0.
  size_t Random(uint64_t limit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return limit == 0 ? 0 : random_() % limit;
  }

  // Whether an operation goes well, and what happens just before it.
  IOStatus Begin(Operation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (operation != Operation::kRead) {
      ++changes_;
      if (until_cut_ && (*until_cut_)-- == 0) {
        until_cut_.reset();
        after_cut_ = CutPower(loss_);
        if (at_cut_) at_cut_();
      }
    }
    if (!fault_ || fault_->operation != operation ||
        !absl::StrContains(path, fault_->path_part)) {
      return IOStatus::OK();
    }
    if (fault_->after-- > 0) return IOStatus::OK();
    if (!fault_->for_good && faults_hit_ > 0) return IOStatus::OK();
    ++faults_hit_;
    return fault_->error;
  }

  IOStatus Change(Operation operation, DirectoryChange change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    IOStatus status = Begin(operation, ChangedPath(change));
    if (!status.ok()) return status;
    Make(change, &files_);
    pending_.push_back(std::move(change));
    return IOStatus::OK();
  }

  std::shared_ptr<FileSystem> CutPower(Loss loss)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto after = std::make_shared<FileSystem>(random_());
    absl::MutexLock after_lock(&after->mutex_);
    after->directories_ = directories_;
    FileTable left = durable_;
    std::map<std::string, std::vector<const DirectoryChange*>> changes;
    for (const DirectoryChange& change : pending_) {
      changes[DirectoryOf(ChangedPath(change))].push_back(&change);
    }
    for (const auto& [directory, in_order] : changes) {
      const size_t kept = Random(in_order.size() + 1);
      for (size_t i = 0; i < kept; ++i) Make(*in_order[i], &left);
    }
    for (const auto& [path, file] : left) {
      after->files_[path] = WhatIsLeft(*file, loss);
    }
    after->durable_ = after->files_;
    return after;
  }

  std::shared_ptr<File> WhatIsLeft(const File& file, Loss loss)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto left = std::make_shared<File>();
    size_t size = file.synced;
    if (loss != Loss::kAll) size += Random(file.bytes.size() - size + 1);
    left->bytes = file.bytes.substr(0, size);
    left->synced = size;
    if (loss != Loss::kPages) return left;
    for (size_t at = file.synced; at < size;) {
      const size_t end = std::min(size, (at / kPageBytes + 1) * kPageBytes);
      if (Random(3) == 0) {
        std::fill(left->bytes.begin() + at, left->bytes.begin() + end, '\0');
      }
      at = end;
    }
    return left;
  }

  std::shared_ptr<File> Find(const std::string& path) const {
    absl::MutexLock lock(&mutex_);
    auto it = files_.find(Normalized(path));
    return it == files_.end() ? nullptr : it->second;
  }

  static void AddChild(const std::string& directory, const std::string& path,
                       std::vector<std::string>* children) {
    if (DirectoryOf(path) != directory || path == directory) return;
    children->push_back(path.substr(directory.size() + 1));
  }

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
  std::shared_ptr<FileSystem> after_cut_ ABSL_GUARDED_BY(mutex_);

  class SequentialFile;
  class RandomAccessFile;
  class WritableFile;
  class Directory;
};

class FaultDisk::FileSystem::SequentialFile : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(FileSystem* disk, std::string path, std::shared_ptr<File> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}

  IOStatus Read(size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    IOStatus status =
        disk_->Read(path_, *file_, offset_, bytes, result, scratch);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    offset_ += bytes;
    return IOStatus::OK();
  }

 private:
  FileSystem* const disk_;
  const std::string path_;
  const std::shared_ptr<File> file_;
  uint64_t offset_ = 0;
};

class FaultDisk::FileSystem::RandomAccessFile
    : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(FileSystem* disk, std::string path,
                   std::shared_ptr<File> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    return disk_->Read(path_, *file_, offset, bytes, result, scratch);
  }

 private:
  FileSystem* const disk_;
  const std::string path_;
  const std::shared_ptr<File> file_;
};

class FaultDisk::FileSystem::WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(FileSystem* disk, std::string path, std::shared_ptr<File> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&,
                  IODebugContext*) override {
    return disk_->Append(path_, file_.get(), data);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    return disk_->TruncateFile(file_.get(), size);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return disk_->Sync(path_, file_.get());
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return disk_->SizeOf(*file_);
  }

 private:
  FileSystem* const disk_;
  const std::string path_;
  const std::shared_ptr<File> file_;
};

class FaultDisk::FileSystem::Directory : public rocksdb::FSDirectory {
 public:
  Directory(FileSystem* disk, std::string path)
      : disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_->SyncDirectory(path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FileSystem* const disk_;
  const std::string path_;
};

IOStatus FaultDisk::FileSystem::NewSequentialFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) {
  std::shared_ptr<File> file = Find(path);
  if (file == nullptr) return NoFile(path);
  *result = std::make_unique<SequentialFile>(this, path, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::FileSystem::NewRandomAccessFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) {
  std::shared_ptr<File> file = Find(path);
  if (file == nullptr) return NoFile(path);
  *result = std::make_unique<RandomAccessFile>(this, path, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::FileSystem::NewWritableFile(
    const std::string& path, const FileOptions&,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) {
  absl::MutexLock lock(&mutex_);
  const std::string name = Normalized(path);
  if (!directories_.contains(DirectoryOf(name))) return NoFile(path);
  auto file = std::make_shared<File>();
  IOStatus status = Change(Operation::kCreate, {name, file, ""});
  if (!status.ok()) return status;
  *result = std::make_unique<WritableFile>(this, path, std::move(file));
  return status;
}

IOStatus FaultDisk::FileSystem::ReopenWritableFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  std::shared_ptr<File> file = Find(path);
  if (file == nullptr) return NewWritableFile(path, options, result, debug);
  *result = std::make_unique<WritableFile>(this, path, std::move(file));
  return IOStatus::OK();
}

IOStatus FaultDisk::FileSystem::NewDirectory(
    const std::string& path, const IOOptions&,
    std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  absl::MutexLock lock(&mutex_);
  const std::string name = Normalized(path);
  if (!directories_.contains(name)) return NoFile(path);
  *result = std::make_unique<Directory>(this, name);
  return IOStatus::OK();
}

FaultDisk::FaultDisk(uint64_t seed)
    : FaultDisk(std::make_shared<FileSystem>(seed)) {}

FaultDisk::FaultDisk(std::shared_ptr<FileSystem> files)
    : files_(std::move(files)), env_(rocksdb::NewCompositeEnv(files_)) {}

FaultDisk::~FaultDisk() = default;

rocksdb::Env* FaultDisk::env() { return env_.get(); }

std::unique_ptr<FaultDisk> FaultDisk::AfterPowerCut(Loss loss) {
  return std::unique_ptr<FaultDisk>(new FaultDisk(files_->AfterPowerCut(loss)));
}

void FaultDisk::CutPowerAfter(int operations, Loss loss,
                              std::function<void()> at_cut) {
  files_->CutPowerAfter(operations, loss, std::move(at_cut));
}

std::unique_ptr<FaultDisk> FaultDisk::TakeDiskAfterPowerCut() {
  std::shared_ptr<FileSystem> after = files_->TakeDiskAfterPowerCut();
  return after == nullptr
             ? nullptr
             : std::unique_ptr<FaultDisk>(new FaultDisk(std::move(after)));
}

int64_t FaultDisk::changes() const { return files_->changes(); }

std::unique_ptr<FaultDisk> FaultDisk::Copy() const {
  return std::unique_ptr<FaultDisk>(new FaultDisk(files_->Copy()));
}

void FaultDisk::Inject(const Fault& fault) { files_->Inject(fault); }
void FaultDisk::Heal() { files_->Heal(); }
int FaultDisk::faults_hit() const { return files_->faults_hit(); }

void FaultDisk::SetFreeBytes(uint64_t bytes) { files_->SetFreeBytes(bytes); }

std::vector<std::string> FaultDisk::Files() const { return files_->Paths(); }

std::string FaultDisk::Contents(const std::string& path) const {
  return files_->Contents(path);
}

void FaultDisk::SetContents(const std::string& path, std::string bytes) {
  files_->SetContents(path, std::move(bytes));
}

void FaultDisk::Remove(const std::string& path) { files_->Remove(path); }

}  // namespace headway::store
