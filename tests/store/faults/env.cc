#include "tests/store/faults/env.h"

#include <rocksdb/file_system.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/faults/disk.h"

namespace headway::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// RocksDB writes a//b and a/ at times.
std::string Normalized(std::string path) {
  for (size_t at; (at = path.find("//")) != std::string::npos;) {
    path.erase(at, 1);
  }
  if (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// A file that is open.
struct OpenFile {
  IOStatus Read(uint64_t offset, size_t bytes, Slice* result,
                char* scratch) const {
    size_t read = 0;
    IOStatus status = disk->Read(path, *file, offset, bytes, scratch, &read);
    if (status.ok()) *result = Slice(scratch, read);
    return status;
  }

  FaultDisk* const disk;
  const std::string path;
  const std::shared_ptr<FaultDisk::File> file;
};

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(OpenFile file) : file_(std::move(file)) {}

  IOStatus Read(size_t bytes, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    IOStatus status = file_.Read(offset_, bytes, result, scratch);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    offset_ += bytes;
    return IOStatus::OK();
  }

 private:
  const OpenFile file_;
  uint64_t offset_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(OpenFile file) : file_(std::move(file)) {}

  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions&, Slice* result,
                char* scratch, IODebugContext*) const override {
    return file_.Read(offset, bytes, result, scratch);
  }

 private:
  const OpenFile file_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  explicit WritableFile(OpenFile file) : file_(std::move(file)) {}

  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&,
                  IODebugContext*) override {
    return file_.disk->Append(file_.path, file_.file.get(),
                              absl::string_view(data.data(), data.size()));
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    file_.disk->Truncate(file_.file.get(), size);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return file_.disk->Sync(file_.path, file_.file.get());
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    return file_.disk->SizeOf(*file_.file);
  }

 private:
  const OpenFile file_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(FaultDisk* disk, std::string path)
      : disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_->SyncDirectory(path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultDisk* const disk_;
  const std::string path_;
};

struct HeldLock : rocksdb::FileLock {
  explicit HeldLock(std::string path) : path(std::move(path)) {}
  const std::string path;
};

class FaultFileSystem : public rocksdb::FileSystem {
 public:
  explicit FaultFileSystem(FaultDisk* disk) : disk_(disk) {}

  const char* Name() const override { return "FaultDisk"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    return OpenExisting<SequentialFile>(path, result);
  }

  IOStatus NewRandomAccessFile(
      const std::string& path, const FileOptions&,
      std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
      IODebugContext*) override {
    return OpenExisting<RandomAccessFile>(path, result);
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    const std::string name = Normalized(path);
    std::shared_ptr<FaultDisk::File> file;
    IOStatus status = disk_->Create(name, &file);
    if (status.ok()) {
      *result = std::make_unique<WritableFile>(OpenFile{disk_, name, file});
    }
    return status;
  }

  IOStatus ReopenWritableFile(const std::string& path,
                              const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* debug) override {
    if (disk_->Find(Normalized(path)) == nullptr) {
      return NewWritableFile(path, options, result, debug);
    }
    return OpenExisting<WritableFile>(path, result);
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext*) override {
    const std::string name = Normalized(path);
    if (!disk_->IsDirectory(name)) return NoFile(path);
    *result = std::make_unique<Directory>(disk_, name);
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&,
                      IODebugContext*) override {
    const std::string name = Normalized(path);
    const bool exists =
        disk_->Find(name) != nullptr || disk_->IsDirectory(name);
    return exists ? IOStatus::OK() : IOStatus::NotFound(path);
  }

  IOStatus GetChildren(const std::string& directory, const IOOptions&,
                       std::vector<std::string>* children,
                       IODebugContext*) override {
    const std::string name = Normalized(directory);
    if (!disk_->IsDirectory(name)) return IOStatus::NotFound(directory);
    *children = disk_->Children(name);
    return IOStatus::OK();
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&,
                      IODebugContext*) override {
    return disk_->Unlink(Normalized(path));
  }

  IOStatus Truncate(const std::string& path, size_t size, const IOOptions&,
                    IODebugContext*) override {
    std::shared_ptr<FaultDisk::File> file = disk_->Find(Normalized(path));
    if (file == nullptr) return NoFile(path);
    disk_->Truncate(file.get(), size);
    return IOStatus::OK();
  }

  IOStatus CreateDir(const std::string& path, const IOOptions&,
                     IODebugContext*) override {
    return disk_->MakeDirectory(Normalized(path))
               ? IOStatus::OK()
               : IOStatus::IOError(path, "File exists");
  }

  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&,
                              IODebugContext*) override {
    disk_->MakeDirectory(Normalized(path));
    return IOStatus::OK();
  }

  IOStatus DeleteDir(const std::string& path, const IOOptions&,
                     IODebugContext*) override {
    return disk_->RemoveDirectory(Normalized(path)) ? IOStatus::OK()
                                                    : NoFile(path);
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions&,
                       uint64_t* size, IODebugContext*) override {
    std::shared_ptr<FaultDisk::File> file = disk_->Find(Normalized(path));
    if (file == nullptr) return NoFile(path);
    *size = disk_->SizeOf(*file);
    return IOStatus::OK();
  }

  IOStatus GetFileModificationTime(const std::string&, const IOOptions&,
                                   uint64_t* time, IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }

  IOStatus RenameFile(const std::string& from, const std::string& to,
                      const IOOptions&, IODebugContext*) override {
    return disk_->Rename(Normalized(from), Normalized(to));
  }

  IOStatus LinkFile(const std::string& from, const std::string& to,
                    const IOOptions&, IODebugContext*) override {
    return disk_->Link(Normalized(from), Normalized(to));
  }

  IOStatus LockFile(const std::string& path, const IOOptions&,
                    rocksdb::FileLock** lock, IODebugContext*) override {
    *lock = nullptr;
    if (!disk_->Lock(path)) {
      return IOStatus::IOError(absl::StrCat("While lock file: ", path),
                               "Resource temporarily unavailable");
    }
    *lock = new HeldLock(path);
    return IOStatus::OK();
  }

  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&,
                      IODebugContext*) override {
    const std::unique_ptr<HeldLock> held(static_cast<HeldLock*>(lock));
    disk_->Unlock(held->path);
    return IOStatus::OK();
  }

  IOStatus GetTestDirectory(const IOOptions&, std::string* path,
                            IODebugContext*) override {
    *path = FaultDisk::kDirectory;
    return IOStatus::OK();
  }

  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&,
                           std::string* absolute, IODebugContext*) override {
    *absolute = path;
    return IOStatus::OK();
  }

  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes,
                        IODebugContext*) override {
    *bytes = disk_->free_bytes();
    return IOStatus::OK();
  }

  IOStatus IsDirectory(const std::string& path, const IOOptions&,
                       bool* is_directory, IODebugContext*) override {
    *is_directory = disk_->IsDirectory(Normalized(path));
    return IOStatus::OK();
  }

 private:
  template <typename Opened, typename Result>
  IOStatus OpenExisting(const std::string& path, Result* result) {
    const std::string name = Normalized(path);
    std::shared_ptr<FaultDisk::File> file = disk_->Find(name);
    if (file == nullptr) return NoFile(path);
    *result = std::make_unique<Opened>(OpenFile{disk_, name, std::move(file)});
    return IOStatus::OK();
  }

  FaultDisk* const disk_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewFaultEnv(FaultDisk* disk) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultFileSystem>(disk));
}

}  // namespace headway::store
