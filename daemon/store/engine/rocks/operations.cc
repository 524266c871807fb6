// What operators ask of an engine: its log, its checksums, its size; and the
// mark beside its files.
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/engine/rocks/slice.h"

namespace headway::store {
namespace {

// Where RocksDB keeps them; it makes the folder when it is to keep any.
constexpr char kArchive[] = "/archive";
// RocksDB leaves files alone whose names are not of its making.
constexpr char kMark[] = "/HEADWAY-MARK";

// Asks whether a compaction should go on, on a thread of its own: one that is
// under way returns to nobody who could ask.
class Canceller {
 public:
  explicit Canceller(absl::FunctionRef<absl::Status()> check_alive)
      : thread_([this, check_alive] { Watch(check_alive); }) {}
  ~Canceller() {
    done_.Notify();
    thread_.join();
  }

  std::atomic<bool>* cancelled() { return &cancelled_; }
  // Why it was cancelled, if it was.
  absl::Status status() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  void Watch(absl::FunctionRef<absl::Status()> check_alive) {
    constexpr absl::Duration kAskEvery = absl::Milliseconds(100);
    do {
      const absl::Status alive = check_alive();
      if (alive.ok()) continue;
      absl::MutexLock lock(&mutex_);
      status_ = alive;
      cancelled_ = true;
      return;
    } while (!done_.WaitForNotificationWithTimeout(kAskEvery));
  }

  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> cancelled_ = false;
  absl::Notification done_;
  // After what it uses.
  std::thread thread_;
};

// Tells of the writes in a batch. Kinds of writes that this store never makes
// are errors, as RocksDB has it unless they are overridden.
class BatchReader final : public rocksdb::WriteBatch::Handler {
 public:
  BatchReader(const std::vector<rocksdb::ColumnFamilyHandle*>& families,
              absl::FunctionRef<absl::Status(const KeyWrite&)> write)
      : families_(families), write_(write) {}

  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    return Tell(family, ToView(key), ToView(value));
  }
  rocksdb::Status DeleteCF(uint32_t family,
                           const rocksdb::Slice& key) override {
    return Tell(family, ToView(key), std::nullopt);
  }

  const absl::Status& status() const { return status_; }

 private:
  rocksdb::Status Tell(uint32_t id, absl::string_view key,
                       std::optional<absl::string_view> value) {
    for (size_t i = 0; i < families_.size(); ++i) {
      if (families_[i]->GetID() != id) continue;
      status_ = write_({static_cast<Family>(i), key, value});
      return status_.ok() ? rocksdb::Status::OK() : rocksdb::Status::Aborted();
    }
    return rocksdb::Status::Corruption("unknown family in the log");
  }

  const std::vector<rocksdb::ColumnFamilyHandle*>& families_;
  const absl::FunctionRef<absl::Status(const KeyWrite&)> write_;
  absl::Status status_;
};

}  // namespace

bool RocksEngine::KeptLogs() const {
  return env_->FileExists(directory_ + kArchive).ok();
}

void RocksEngine::DeleteKeptLogs() const {
  // RocksDB itself leaves them for good once it keeps no more.
  const std::string archive = directory_ + kArchive;
  std::vector<std::string> names;
  env_->GetChildren(archive, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    env_->DeleteFile(absl::StrCat(archive, "/", name)).PermitUncheckedError();
  }
  env_->DeleteDir(archive).PermitUncheckedError();
}

uint64_t RocksEngine::last_sequence() const {
  return db_->GetLatestSequenceNumber();
}

absl::Status RocksEngine::ReadLog(
    uint64_t sequence, absl::FunctionRef<absl::Status(const KeyWrite&)> write,
    absl::FunctionRef<absl::StatusOr<bool>()> end_batch) const {
  // RocksDB takes a number that is not yet given for an error.
  if (sequence >= last_sequence()) return absl::OkStatus();
  std::unique_ptr<rocksdb::TransactionLogIterator> it;
  RETURN_IF_ERROR(StatusOf(db_->GetUpdatesSince(sequence + 1, &it)));
  for (; it->Valid(); it->Next()) {
    const rocksdb::BatchResult result = it->GetBatch();
    BatchReader reader(handles_, write);
    const rocksdb::Status status = result.writeBatchPtr->Iterate(&reader);
    RETURN_IF_ERROR(reader.status());
    RETURN_IF_ERROR(StatusOf(status));
    ASSIGN_OR_RETURN(bool go_on, end_batch());
    if (!go_on) return absl::OkStatus();
  }
  // There is more by now; whoever needs it asks again.
  if (it->status().IsTryAgain()) return absl::OkStatus();
  return StatusOf(it->status());
}

absl::Status RocksEngine::CheckTables(
    absl::FunctionRef<absl::Status(const std::string& path,
                                   const absl::Status&)>
        file) const {
  // So that compactions do not take away what is still to be read.
  RETURN_IF_ERROR(StatusOf(db_->DisableFileDeletions()));
  absl::Cleanup enable = [this] {
    db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  };
  rocksdb::Options options = db_->GetOptions();
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& table : files) {
    const std::string path =
        absl::StrCat(table.directory, "/", table.relative_filename);
    RETURN_IF_ERROR(file(path, StatusOf(rocksdb::VerifySstFileChecksum(
                                   options, rocksdb::EnvOptions(), path))));
  }
  return absl::OkStatus();
}

absl::Status RocksEngine::Compact(
    absl::FunctionRef<absl::Status()> check_alive) {
  RETURN_IF_ERROR(check_alive());
  rocksdb::CompactRangeOptions options;
  // Those that RocksDB starts by itself go on beside it.
  options.exclusive_manual_compaction = false;
  // Also what lies at the bottom already and holds what was overwritten.
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForceOptimized;
  Canceller canceller(check_alive);
  options.canceled = canceller.cancelled();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    const rocksdb::Status status =
        db_->CompactRange(options, handle, nullptr, nullptr);
    RETURN_IF_ERROR(canceller.status());
    RETURN_IF_ERROR(StatusOf(status));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RocksEngine::ReadMark() const {
  std::string text;
  const rocksdb::Status status =
      rocksdb::ReadFileToString(env_, directory_ + kMark, &text);
  if (status.IsNotFound() || status.IsPathNotFound()) return 0;
  RETURN_IF_ERROR(StatusOf(status));
  uint64_t mark = 0;
  if (absl::SimpleAtoi(text, &mark)) return mark;
  return absl::DataLossError(
      absl::StrCat("store ", directory_, ": the file ", kMark + 1,
                   " is damaged; look for disk errors, then remove it"));
}

absl::Status RocksEngine::WriteMark(uint64_t mark) const {
  const std::string path = directory_ + kMark;
  const std::string fresh = path + ".new";
  RETURN_IF_ERROR(StatusOf(rocksdb::WriteStringToFile(
      env_, absl::StrCat(mark, "\n"), fresh, /*should_sync=*/true)));
  return StatusOf(env_->RenameFile(fresh, path));
}

absl::StatusOr<EngineUsage> RocksEngine::GetUsage() const {
  EngineUsage usage;
  auto property = [this](rocksdb::ColumnFamilyHandle* handle,
                         const std::string& name) {
    uint64_t value = 0;
    db_->GetIntProperty(handle, name, &value);
    return value;
  };
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    EngineUsage::FamilyUsage of_family;
    // The first one has this name because RocksDB insists on it.
    of_family.name = handle->GetName() == rocksdb::kDefaultColumnFamilyName
                         ? "meta"
                         : handle->GetName();
    of_family.bytes =
        property(handle, rocksdb::DB::Properties::kLiveSstFilesSize);
    of_family.memory_bytes =
        property(handle, rocksdb::DB::Properties::kCurSizeAllMemTables);
    of_family.estimated_keys =
        property(handle, rocksdb::DB::Properties::kEstimateNumKeys);
    usage.families.push_back(std::move(of_family));
  }
  // One cache for all.
  usage.cache_bytes =
      property(handles_[0], rocksdb::DB::Properties::kBlockCacheUsage);
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  usage.table_files = files.size();
  rocksdb::VectorLogPtr logs;
  RETURN_IF_ERROR(StatusOf(db_->GetSortedWalFiles(logs)));
  for (const auto& log : logs) {
    (log->Type() == rocksdb::kAliveLogFile ? usage.log_bytes
                                           : usage.kept_log_bytes) +=
        log->SizeFileBytes();
  }
  RETURN_IF_ERROR(StatusOf(env_->GetFileSystem()->GetFreeSpace(
      directory_, rocksdb::IOOptions(), &usage.free_disk_bytes, nullptr)));
  return usage;
}

}  // namespace headway::store
