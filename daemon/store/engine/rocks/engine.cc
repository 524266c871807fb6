#include "daemon/store/engine/rocks/engine.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

// In the order of Family. RocksDB insists on "default"; meta lives there.
constexpr const char* kFamilyNames[] = {
    "default", "series",      "keys",      "index",   "vintages", "current",
    "commits", "checkpoints", "forecasts", "runs",    "scores",   "verdicts",
    "state",   "pulls",       "documents", "holders", "bodies"};
constexpr absl::string_view kBodiesName = "bodies";
constexpr absl::string_view kBySeriesNames[] = {"series", "vintages",
                                                "current"};

// Of the eight of the number of a series: one hint serves 65,536 of them.
constexpr size_t kHintBytes = 6;

static_assert(std::size(kFamilyNames) == static_cast<size_t>(kLastFamily) + 1);

constexpr uint64_t kMebibyte = uint64_t{1} << 20;
constexpr uint64_t kNoLimitMebibytes = uint64_t{1} << 32;
constexpr size_t kMaxLogBytes = size_t{256} << 20;

rocksdb::Slice ToSlice(absl::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}

absl::string_view ToView(const rocksdb::Slice& slice) {
  return absl::string_view(slice.data(), slice.size());
}

absl::Status PermissionDenied(const std::string& directory,
                              absl::string_view detail) {
  return absl::PermissionDeniedError(absl::StrCat(
      "store ", directory, ": no permission (", detail,
      "); let the daemon's user read and write it, or choose another "
      "directory with --data-dir"));
}

absl::Status DiskFull(const std::string& directory, absl::string_view detail) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "store ", directory, ": the disk is full (", detail,
      "); free some space on its file system: what was acknowledged is safe, "
      "and commits go on as soon as there is room"));
}

absl::Status Locked(const std::string& directory, absl::string_view detail) {
  return absl::UnavailableError(
      absl::StrCat("store ", directory, ": locked by another process (", detail,
                   "); stop the other daemon, or choose another directory with "
                   "--data-dir"));
}

absl::Status IoError(const std::string& directory,
                     const rocksdb::Status& status) {
  const std::string detail = status.ToString();
  if (status.IsNoSpace() || absl::StrContains(detail, "No space left") ||
      absl::StrContains(detail, "Disk quota exceeded")) {
    return DiskFull(directory, detail);
  }
  if (absl::StrContains(detail, "While lock file") ||
      absl::StrContains(detail, "lock hold by current process")) {
    return Locked(directory, detail);
  }
  if (absl::StrContains(detail, "Permission denied") ||
      absl::StrContains(detail, "Read-only file system")) {
    return PermissionDenied(directory, detail);
  }
  if (status.IsPathNotFound()) {
    return absl::NotFoundError(
        absl::StrCat("store ", directory, ": a file is missing (", detail,
                     "); restore the directory from a backup"));
  }
  return absl::InternalError(
      absl::StrCat("store ", directory, ": ", detail,
                   "; look for disk errors in the system's log"));
}

absl::Status ToStatus(const std::string& directory,
                      const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsIOError()) return IoError(directory, status);
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat(
        "store ", directory, ": a file is corrupt (", status.ToString(),
        "); stop the daemon and restore the directory from a backup"));
  }
  return absl::InternalError(
      absl::StrCat("store ", directory, ": ", status.ToString()));
}

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

// RocksDB's own log file would be one thing more that fails when the disk is
// full (and Debian's build aborts when it does). Its warnings go to our log.
class Logger final : public rocksdb::Logger {
 public:
  Logger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char text[1024];
    vsnprintf(text, sizeof(text), format, arguments);
    // It warns so of every backup, which is as it is meant to be.
    if (absl::StrContains(text, "] File Deletions ")) return;
    Log(LogLevel::kWarning, "RocksDB", {{"detail", text}});
  }
};

rocksdb::DBOptions EngineOptions(rocksdb::Env* env,
                                 const RocksEngine::Options& given) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A record torn by a crash at the end of the log was never acknowledged. Any
  // other damage is reported, never skipped: skipping loses acknowledged data.
  options.wal_recovery_mode =
      rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.db_write_buffer_size = given.write_buffer_bytes;
  options.max_total_wal_size = kMaxLogBytes;
  options.WAL_size_limit_MB =
      (given.keep_log_bytes.value_or(0) + kMebibyte - 1) / kMebibyte;
  options.info_log = std::make_shared<Logger>();
  // Writes come one after the other; hints for inserting need that said.
  options.allow_concurrent_memtable_write = false;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(
    const std::shared_ptr<rocksdb::Cache>& cache, size_t write_buffer_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Memory for indexes and filters is bounded by the cache, however many
  // series there are.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kZSTD;
  options.write_buffer_size = write_buffer_bytes;
  return options;
}

// Keys start with the number of a series, and a batch puts them nearly in
// order: each goes in beside the last, without a search.
rocksdb::ColumnFamilyOptions SeriesOptions(
    rocksdb::ColumnFamilyOptions options) {
  options.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(kHintBytes));
  return options;
}

// Whole documents, compressed already: kept in files beside the tables, so that
// compactions do not write them again and again.
rocksdb::ColumnFamilyOptions BodiesOptions(
    rocksdb::ColumnFamilyOptions options) {
  options.compression = rocksdb::kNoCompression;
  options.enable_blob_files = true;
  options.min_blob_size = 4096;
  options.enable_blob_garbage_collection = true;
  // Space comes back when a table is written anew. So few keys as these would
  // never see to that.
  options.periodic_compaction_seconds = 7 * 24 * 3600;
  return options;
}

rocksdb::ColumnFamilyOptions OptionsOf(
    absl::string_view family, const rocksdb::ColumnFamilyOptions& options) {
  if (family == kBodiesName) return BodiesOptions(options);
  return absl::c_linear_search(kBySeriesNames, family) ? SeriesOptions(options)
                                                       : options;
}

// The families that this program knows, in order, then those on disk that it
// does not: RocksDB opens all or nothing, and the format's version, which says
// what is wrong, is inside.
std::vector<std::string> FamiliesToOpen(rocksdb::Env* env,
                                        const std::string& directory) {
  std::vector<std::string> names(std::begin(kFamilyNames),
                                 std::end(kFamilyNames));
  std::vector<std::string> on_disk;
  // Fails if there is no store yet; what else is wrong, opening will say.
  rocksdb::DBOptions options;
  options.env = env;
  rocksdb::DB::ListColumnFamilies(options, directory, &on_disk)
      .PermitUncheckedError();
  for (std::string& name : on_disk) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
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

// Syncs a log file when RocksDB goes on in a new one, before anything is
// written there. Otherwise a power cut could leave what was appended last, in
// the new file, and not what was appended before it, in the old one.
class LogSyncer final : public rocksdb::EventListener {
 public:
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override {
    absl::MutexLock lock(&mutex_);
    if (db_ != nullptr && status_.ok()) status_ = db_->SyncWAL();
  }

  void Start(rocksdb::DB* db) {
    absl::MutexLock lock(&mutex_);
    db_ = db;
  }
  void Stop() { Start(nullptr); }

  // The first error.
  rocksdb::Status status() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
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
    ASSIGN_OR_RETURN(engine->lock_, DirectoryLock::Take(directory));
  }
  auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const rocksdb::ColumnFamilyOptions family_options =
      FamilyOptions(cache, options.write_buffer_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : FamiliesToOpen(engine->env_, directory)) {
    families.emplace_back(name, OptionsOf(name, family_options));
  }
  rocksdb::DBOptions db_options = EngineOptions(engine->env_, options);
  engine->log_syncer_ = std::make_shared<LogSyncer>();
  db_options.listeners.push_back(engine->log_syncer_);
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
  engine->log_syncer_->Start(db);
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
  log_syncer_->Stop();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  // All is in the synced log: an error on closing loses nothing.
  db_->Close().PermitUncheckedError();
}

RocksBatch::RocksBatch(const RocksEngine& engine)
    : engine_(engine), batch_(std::make_unique<rocksdb::WriteBatch>()) {}

RocksBatch::~RocksBatch() = default;
RocksBatch::RocksBatch(RocksBatch&&) noexcept = default;

void RocksBatch::Put(Family family, absl::string_view key,
                     absl::string_view value) {
  // Fails only for a batch with a size limit.
  batch_->Put(engine_.handle(family), ToSlice(key), ToSlice(value))
      .PermitUncheckedError();
}

void RocksBatch::Delete(Family family, absl::string_view key) {
  batch_->Delete(engine_.handle(family), ToSlice(key)).PermitUncheckedError();
}

void RocksBatch::SetSavePoint() { batch_->SetSavePoint(); }
void RocksBatch::RollbackToSavePoint() {
  // Fails only without a save point.
  batch_->RollbackToSavePoint().PermitUncheckedError();
}
void RocksBatch::PopSavePoint() {
  batch_->PopSavePoint().PermitUncheckedError();
}
bool RocksBatch::empty() const { return batch_->Count() == 0; }
size_t RocksBatch::bytes() const { return batch_->GetDataSize(); }

void RocksBatch::Append(const RocksBatch& other) {
  class Copier final : public rocksdb::WriteBatch::Handler {
   public:
    explicit Copier(RocksBatch* target) : target_(*target) {}

    rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override {
      return target_.batch_->Put(HandleOf(family), key, value);
    }
    rocksdb::Status DeleteCF(uint32_t family,
                             const rocksdb::Slice& key) override {
      return target_.batch_->Delete(HandleOf(family), key);
    }

   private:
    rocksdb::ColumnFamilyHandle* HandleOf(uint32_t family) const {
      for (rocksdb::ColumnFamilyHandle* handle : target_.engine_.handles_) {
        if (handle->GetID() == family) return handle;
      }
      return nullptr;
    }

    RocksBatch& target_;
  };
  Copier copier(this);
  // What came out of a batch goes into one.
  other.batch_->Iterate(&copier).PermitUncheckedError();
}

absl::Status RocksEngine::Append(RocksBatch* batch) {
  RETURN_IF_ERROR(CheckSpace(batch->bytes()));
  absl::MutexLock lock(&write_mutex_);
  // RocksDB 7.8 cannot append to a log after an error: where it is built with
  // assertions, as Debian's is, it aborts.
  RETURN_IF_ERROR(write_error_);
  absl::Status status = ToStatus(
      directory_, db_->Write(rocksdb::WriteOptions(), batch->batch_.get()));
  if (status.ok()) status = ToStatus(directory_, log_syncer_->status());
  return status.ok() ? status : Fail(status);
}

absl::Status RocksEngine::Sync() {
  absl::Status status = ToStatus(directory_, db_->SyncWAL());
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

absl::Status RocksEngine::Write(RocksBatch* batch) {
  RETURN_IF_ERROR(Append(batch));
  return Sync();
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

struct RocksIterator::Rep {
  const RocksView& view;
  Family family;
  std::string lower;
  std::string upper;
  rocksdb::Slice lower_slice;
  rocksdb::Slice upper_slice;
  std::unique_ptr<rocksdb::Iterator> it;
};

RocksIterator::RocksIterator(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
RocksIterator::~RocksIterator() {
  if (rep_ == nullptr || !rep_->lower.empty() || !rep_->upper.empty()) return;
  rep_->view.PutIdle(rep_->family, std::move(rep_->it));
}
RocksIterator::RocksIterator(RocksIterator&&) noexcept = default;

void RocksIterator::SeekToFirst() { rep_->it->SeekToFirst(); }
void RocksIterator::SeekToLast() { rep_->it->SeekToLast(); }
void RocksIterator::Seek(absl::string_view key) {
  rep_->it->Seek(ToSlice(key));
}
void RocksIterator::Next() { rep_->it->Next(); }
void RocksIterator::Prev() { rep_->it->Prev(); }
bool RocksIterator::Valid() const { return rep_->it->Valid(); }
absl::string_view RocksIterator::key() const { return ToView(rep_->it->key()); }
absl::string_view RocksIterator::value() const {
  return ToView(rep_->it->value());
}
absl::Status RocksIterator::status() const {
  return ToStatus(rep_->view.directory(), rep_->it->status());
}

RocksValue::RocksValue() : value_(std::make_unique<rocksdb::PinnableSlice>()) {}
RocksValue::~RocksValue() = default;
absl::string_view RocksValue::bytes() const { return ToView(*value_); }

RocksSnapshot::RocksSnapshot(const RocksEngine& engine)
    : engine_(engine), snapshot_(engine.db_->GetSnapshot()) {}

RocksSnapshot::~RocksSnapshot() { engine_.db_->ReleaseSnapshot(snapshot_); }

RocksView::RocksView(const RocksEngine& engine,
                     std::shared_ptr<const RocksSnapshot> snapshot)
    : engine_(engine), snapshot_(std::move(snapshot)) {}

RocksView::~RocksView() = default;

absl::StatusOr<bool> RocksView::Get(Family family, absl::string_view key,
                                    RocksValue* value) const {
  rocksdb::ReadOptions options;
  if (snapshot_ != nullptr) options.snapshot = snapshot_->snapshot_;
  value->value_->Reset();
  rocksdb::Status status = engine_.db_->Get(options, engine_.handle(family),
                                            ToSlice(key), value->value_.get());
  if (status.IsNotFound()) return false;
  RETURN_IF_ERROR(ToStatus(engine_.directory_, status));
  return true;
}

absl::StatusOr<std::optional<std::string>> RocksView::Get(
    Family family, absl::string_view key) const {
  RocksValue value;
  ASSIGN_OR_RETURN(bool is_there, Get(family, key, &value));
  if (!is_there) return std::optional<std::string>();
  return std::optional<std::string>(std::string(value.bytes()));
}

RocksIterator RocksView::NewIterator(Family family, std::string lower,
                                     std::string upper) const {
  std::unique_ptr<RocksIterator::Rep> rep(new RocksIterator::Rep{
      *this, family, std::move(lower), std::move(upper), {}, {}, nullptr});
  const bool has_bounds = !rep->lower.empty() || !rep->upper.empty();
  if (!has_bounds) rep->it = TakeIdle(family);
  if (rep->it != nullptr) return RocksIterator(std::move(rep));
  rocksdb::ReadOptions options;
  if (snapshot_ != nullptr) options.snapshot = snapshot_->snapshot_;
  // The iterator keeps pointers to the bounds, so they live beside it.
  if (!rep->lower.empty()) {
    rep->lower_slice = rep->lower;
    options.iterate_lower_bound = &rep->lower_slice;
  }
  if (!rep->upper.empty()) {
    rep->upper_slice = rep->upper;
    options.iterate_upper_bound = &rep->upper_slice;
  }
  rep->it.reset(engine_.db_->NewIterator(options, engine_.handle(family)));
  return RocksIterator(std::move(rep));
}

std::unique_ptr<rocksdb::Iterator> RocksView::TakeIdle(Family family) const {
  absl::MutexLock lock(&mutex_);
  for (auto& [idle_family, idle] : idle_) {
    if (idle_family != family) continue;
    std::unique_ptr<rocksdb::Iterator> it = std::move(idle);
    std::swap(idle_.back().first, idle_family);
    std::swap(idle_.back().second, idle);
    idle_.pop_back();
    return it;
  }
  return nullptr;
}

void RocksView::PutIdle(Family family,
                        std::unique_ptr<rocksdb::Iterator> it) const {
  // Without a snapshot it would go on seeing what it saw when it was made.
  if (snapshot_ == nullptr || it == nullptr || !it->status().ok()) return;
  absl::MutexLock lock(&mutex_);
  idle_.emplace_back(family, std::move(it));
}

std::shared_ptr<const RocksSnapshot> RocksEngine::NewSnapshot() const {
  return std::shared_ptr<const RocksSnapshot>(new RocksSnapshot(*this));
}

std::unique_ptr<RocksView> RocksEngine::NewView(
    std::shared_ptr<const RocksSnapshot> snapshot) const {
  return std::unique_ptr<RocksView>(new RocksView(*this, std::move(snapshot)));
}

}  // namespace headway::store
