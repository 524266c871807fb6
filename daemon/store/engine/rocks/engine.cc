#include "daemon/store/engine/rocks/engine.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/rocks/options.h"
#include "daemon/store/engine/rocks/slice.h"
#include "daemon/store/engine/rocks/status.h"
#include "daemon/store/engine/rocks/view.h"

namespace headway::store {
namespace {

// More than any log.
constexpr uint64_t kNoLimitMebibytes = uint64_t{1} << 32;

absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  if (error == std::errc::permission_denied ||
      error == std::errc::read_only_file_system) {
    return PermissionDenied(directory, error.message());
  }
  if (error == std::errc::no_space_on_device) {
    return DiskFull(directory, error.message());
  }
  return absl::FailedPreconditionError(
      absl::StrCat("store ", directory, ": cannot make the directory (",
                   error.message(), "); choose another with --data-dir"));
}

// Files that RocksDB, the mark and file systems make.
bool IsExpected(const std::string& name) {
  constexpr absl::string_view kPrefixes[] = {
      "CURRENT",  "IDENTITY", "LOCK",       "LOG",    "MANIFEST-",
      "OPTIONS-", "HEADWAY-", "lost+found", "archive"};
  constexpr absl::string_view kSuffixes[] = {".sst", ".log", ".blob", ".dbtmp"};
  return absl::c_any_of(kPrefixes,
                        [&](absl::string_view prefix) {
                          return absl::StartsWith(name, prefix);
                        }) ||
         absl::c_any_of(kSuffixes, [&](absl::string_view suffix) {
           return absl::EndsWith(name, suffix);
         });
}

// A directory that somebody else uses is no place for a new store: it may be a
// mistyped one, and what tidies it up would take the store with it.
absl::Status CheckForeignFiles(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory + "/CURRENT", error)) {
    return absl::OkStatus();
  }
  for (auto it = std::filesystem::directory_iterator(directory, error);
       !error && it != std::filesystem::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (IsExpected(name)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "store ", directory,
        ": the directory holds no store, but other files, "
        "such as ",
        name,
        "; choose an empty one, or one that is not there, with --data-dir"));
  }
  return absl::OkStatus();
}

// Whether a write was turned away for want of room in tables, before it came to
// the log: RocksDB is stopped since one could not be written, or the write
// waited for merges of tables, and one of those failed. Only an error that
// RocksDB met in the background has a severity; that of a merge is soft.
bool IsTurnedAway(const rocksdb::Status& written) {
  if (written.IsIncomplete()) {
    return absl::StrContains(written.ToString(), "No space left");
  }
  return written.IsNoSpace() &&
         written.severity() >= rocksdb::Status::kSoftError;
}

}  // namespace

// RocksDB locks a file in the directory. Whoever removes that file, tidying up,
// would let a second daemon in, and both would write. So the directory itself
// is locked, too.
class DirectoryLock {
 public:
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(
      const std::string& directory) {
    const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // What is wrong with the directory, RocksDB will say. Nor do all file
    // systems know such locks.
    auto lock = std::make_unique<DirectoryLock>(fd);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      return Locked(directory, "its directory is");
    }
    return lock;
  }
  explicit DirectoryLock(int fd) : fd_(fd) {}
  ~DirectoryLock() {
    if (fd_ >= 0) close(fd_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  const int fd_;
};

// Hears of what RocksDB does by itself.
class Watchman final : public rocksdb::EventListener {
 public:
  // Syncs a log file when RocksDB goes on in a new one, before anything is
  // written there. Otherwise a power cut could leave what was appended last, in
  // the new file, and not what was appended before it, in the old one.
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override {
    absl::MutexLock lock(&mutex_);
    if (db_ != nullptr && status_.ok()) status_ = db_->SyncWAL();
  }

  // A write that is turned away for want of room in tables is told as a failed
  // one. Whether it is the log that had no room, OnIOError hears.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* error) override {
    const bool in_memory = reason == rocksdb::BackgroundErrorReason::kMemTable;
    if (error->IsNoSpace() && !in_memory) {
      no_space_ = true;
    } else if (in_memory ||
               reason == rocksdb::BackgroundErrorReason::kWriteCallback) {
      log_failed_ = true;
    }
  }

  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnIOError(const rocksdb::IOErrorInfo& error) override {
    if (error.operation != rocksdb::FileOperationType::kRead &&
        absl::EndsWith(error.file_path, ".log")) {
      log_failed_ = true;
    }
  }

  // RocksDB would go on by itself, also in a log that it could not write to.
  // The engine says when.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

  void Start(rocksdb::DB* db) {
    absl::MutexLock lock(&mutex_);
    db_ = db;
  }
  void Stop() { Start(nullptr); }

  // The first error of a sync.
  rocksdb::Status status() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

  // Heard of before the write that failed returns.
  bool log_failed() const { return log_failed_; }
  // Whether tables found no room since this was last called. RocksDB tells it
  // before it acts on it, and may tell it later to us than its outcome to those
  // who wait: what a call returns says more.
  bool TakeNoSpace() { return no_space_.exchange(false); }

 private:
  // Heard of from within calls that are made under mutex_.
  std::atomic<bool> log_failed_ = false;
  std::atomic<bool> no_space_ = false;
  absl::Mutex mutex_;
  rocksdb::DB* db_ ABSL_GUARDED_BY(mutex_) = nullptr;
  rocksdb::Status status_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<RocksEngine>> RocksEngine::Open(
    const std::string& directory, const Options& options) {
  std::unique_ptr<RocksEngine> engine(new RocksEngine(directory, options));
  // RocksDB makes the directory, but none above it.
  if (options.env == nullptr && !options.read_only) {
    RETURN_IF_ERROR(MakeDirectory(directory));
    RETURN_IF_ERROR(CheckForeignFiles(directory));
    ASSIGN_OR_RETURN(engine->lock_, DirectoryLock::Take(directory));
  }
  auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name :
       FamiliesToOpen(engine->env_, directory, options.read_only)) {
    families.emplace_back(name,
                          OptionsOf(name, cache, options.write_buffer_bytes));
  }
  rocksdb::DBOptions db_options = DatabaseOptions(engine->env_, options);
  engine->watchman_ = std::make_shared<Watchman>();
  db_options.listeners.push_back(engine->watchman_);
  rocksdb::DB* db = nullptr;
  if (!options.keep_log_bytes && engine->KeptLogs()) {
    db_options.WAL_size_limit_MB = kNoLimitMebibytes;
  }
  rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, directory, families,
                                         &engine->handles_, &db)
          : rocksdb::DB::Open(db_options, directory, families,
                              &engine->handles_, &db);
  engine->db_.reset(db);
  RETURN_IF_ERROR(ToStatus(directory, status));
  engine->OrderHandles();
  engine->watchman_->Start(db);
  if (options.keep_log_bytes == uint64_t{0} && !options.read_only) {
    engine->DeleteKeptLogs();
  }
  return engine;
}

RocksEngine::RocksEngine(std::string directory, const Options& options)
    : directory_(std::move(directory)),
      reserved_bytes_(options.reserved_bytes),
      env_(options.env != nullptr ? options.env : rocksdb::Env::Default()) {}

absl::Status RocksEngine::StatusOf(const rocksdb::Status& status) const {
  return ToStatus(directory_, status);
}

RocksEngine::~RocksEngine() {
  if (db_ == nullptr) return;
  watchman_->Stop();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle == nullptr) continue;
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  // All is in the synced log: an error on closing loses nothing.
  db_->Close().PermitUncheckedError();
}

void RocksEngine::OrderHandles() {
  std::vector<rocksdb::ColumnFamilyHandle*> opened = std::move(handles_);
  handles_.assign(static_cast<size_t>(kLastFamily) + 1, nullptr);
  size_t next = 0;
  for (size_t i = 0; i < handles_.size() && next < opened.size(); ++i) {
    if (opened[next]->GetName() != FamilyName(static_cast<Family>(i))) continue;
    handles_[i] = opened[next++];
  }
  handles_.insert(handles_.end(), opened.begin() + next, opened.end());
}

absl::Status RocksEngine::Append(const WriteBatch& batch) {
  rocksdb::WriteBatch writes(batch.bytes());
  batch.ForEach([&](const KeyWrite& write) {
    // Fail only for a batch with a size limit.
    if (write.value) {
      writes
          .Put(handle(write.family), ToSlice(write.key), ToSlice(*write.value))
          .PermitUncheckedError();
    } else {
      writes.Delete(handle(write.family), ToSlice(write.key))
          .PermitUncheckedError();
    }
  });
  RETURN_IF_ERROR(CheckSpace(writes.GetDataSize()));
  absl::MutexLock lock(&write_mutex_);
  // RocksDB 7.8 cannot append to a log after an error: where it is built with
  // assertions, as Debian's is, it aborts. And a sync that failed once may
  // succeed the next time without what the first was asked for.
  RETURN_IF_ERROR(write_error_);
  RETURN_IF_ERROR(Resume());
  for (const Precondition& precondition : batch.preconditions()) {
    RETURN_IF_ERROR(Check(precondition));
  }
  if (batch.empty()) return absl::OkStatus();
  const rocksdb::Status written = db_->Write(rocksdb::WriteOptions(), &writes);
  if (IsTurnedAway(written) && !watchman_->log_failed()) {
    waits_for_space_ = true;
    return DiskFull(directory_, written.ToString());
  }
  absl::Status status = StatusOf(written);
  if (status.ok()) status = StatusOf(watchman_->status());
  return status.ok() ? status : Fail(status);
}

absl::Status RocksEngine::Resume() {
  if (watchman_->TakeNoSpace()) waits_for_space_ = true;
  if (!waits_for_space_ || watchman_->log_failed()) return absl::OkStatus();
  const rocksdb::Status status = db_->Resume();
  if (status.ok()) {
    waits_for_space_ = false;
    return absl::OkStatus();
  }
  if (status.IsNoSpace() && !watchman_->log_failed()) return StatusOf(status);
  return Fail(StatusOf(status));
}

absl::Status RocksEngine::final_error() const {
  absl::MutexLock lock(&write_mutex_);
  return write_error_;
}

absl::Status RocksEngine::Check(const Precondition& precondition) const {
  rocksdb::PinnableSlice found;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), handle(precondition.family),
               ToSlice(precondition.key), &found);
  if (!status.IsNotFound()) RETURN_IF_ERROR(StatusOf(status));
  const bool holds = precondition.value
                         ? status.ok() && ToView(found) == *precondition.value
                         : status.IsNotFound();
  if (holds) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("store ", directory_, ": nothing was written, for key \"",
                   absl::CHexEscape(precondition.key), "\" of family ",
                   FamilyName(precondition.family),
                   !precondition.value   ? " is there already"
                   : status.IsNotFound() ? " is not there"
                                         : " has another value",
                   "; read it again, and decide anew"));
}

absl::Status RocksEngine::Sync() {
  absl::Status status = StatusOf(db_->SyncWAL());
  absl::MutexLock lock(&write_mutex_);
  // An earlier error may concern what is to be synced here.
  RETURN_IF_ERROR(write_error_);
  return status.ok() ? status : Fail(status);
}

absl::Status RocksEngine::Fail(const absl::Status& status) {
  write_error_ = Annotate(
      status, "the store takes no more commits until the daemon is restarted");
  return status;
}

absl::Status RocksEngine::CheckSpace(size_t batch_bytes) const {
  uint64_t available = 0;
  const rocksdb::IOStatus status = env_->GetFileSystem()->GetFreeSpace(
      directory_, rocksdb::IOOptions(), &available, nullptr);
  RETURN_IF_ERROR(StatusOf(status));
  // Once in the log, and once in a table.
  const uint64_t needed = reserved_bytes_ + 2 * batch_bytes;
  if (available >= needed) return absl::OkStatus();
  return DiskFull(directory_, absl::StrCat(available >> 20, " MiB are left, ",
                                           (needed >> 20) + 1, " are needed"));
}

std::shared_ptr<const Snapshot> RocksEngine::NewSnapshot() const {
  return std::make_shared<const RocksSnapshot>(db_.get());
}

std::unique_ptr<View> RocksEngine::ViewOf(
    std::shared_ptr<const Snapshot> snapshot) const {
  return std::make_unique<RocksView>(*this, std::move(snapshot));
}

}  // namespace headway::store
