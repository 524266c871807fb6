#include "daemon/store/store.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/batch_check.h"
#include "daemon/store/commit/writer.h"
#include "daemon/store/documents.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/identity.h"

namespace headway::store {

// Shared with the subscriptions, which may outlive the store.
class Listeners {
 public:
  uint64_t Add(std::function<void(const CommitNotice&)> listener) {
    absl::MutexLock lock(&mutex_);
    listeners_[++last_id_] = std::move(listener);
    return last_id_;
  }

  // Waits for a call under way.
  void Remove(uint64_t id) {
    absl::MutexLock lock(&mutex_);
    listeners_.erase(id);
  }

  void Call(const CommitNotice& notice) {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, listener] : listeners_) listener(notice);
  }

 private:
  absl::Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::function<void(const CommitNotice&)>> listeners_
      ABSL_GUARDED_BY(mutex_);
};

namespace {

absl::Status Refuse(const std::string& directory, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("store ", directory, ": ", why));
}

absl::Status WriteFormat(Engine* engine) {
  std::string version;
  AppendVarint(kFormatVersion, &version);
  WriteBatch batch;
  batch.Put(Family::kMeta, kFormatKey, version);
  return engine->Write(batch);
}

// Programs that know only the format before would misread what is written from
// now on.
absl::Status Upgrade(uint64_t version, Engine* engine) {
  if (version < kFirstFormatWithChanges) RETURN_IF_ERROR(ListChanges(engine));
  RETURN_IF_ERROR(WriteFormat(engine));
  Log(LogLevel::kInfo,
      "the store was taken over from an older format; versions of Headway that "
      "know only that one can no longer open it",
      {{"store", engine->location()},
       {"from_format", absl::StrCat(version)},
       {"to_format", absl::StrCat(kFormatVersion)}});
  return absl::OkStatus();
}

// Checks the version of the format, enters it into a new store, and takes over
// a store of an older one.
absl::Status CheckFormat(Engine* engine) {
  std::unique_ptr<View> view = engine->NewView();
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view->Get(Family::kMeta, kFormatKey));
  if (!bytes) {
    const std::unique_ptr<Cursor> it = view->NewCursor(Family::kMeta);
    it->SeekToFirst();
    RETURN_IF_ERROR(it->status());
    if (it->Valid()) {
      return Refuse(view->location(),
                    "the directory holds a database that is no Headway store; "
                    "choose another with --data-dir");
    }
    return WriteFormat(engine);
  }
  ByteReader reader(*bytes);
  const uint64_t version = reader.ReadVarint();
  if (!reader.AtEnd() || version == 0) {
    return absl::DataLossError(
        absl::StrCat("store ", view->location(),
                     ": the format's version is damaged, restore it from a "
                     "backup"));
  }
  if (version > kFormatVersion) {
    return Refuse(
        view->location(),
        absl::StrCat("it was written in format ", version,
                     ", this program knows formats up to ", kFormatVersion,
                     "; run the version of Headway that wrote it, or a newer "
                     "one"));
  }
  if (version < kOldestFormat) {
    return Refuse(
        view->location(),
        absl::StrCat("it was written in format ", version,
                     ", this program reads formats from ", kOldestFormat,
                     " on; export it with the version of Headway that wrote "
                     "it, and import that into a new store"));
  }
  if (version < kFormatVersion) return Upgrade(version, engine);
  return absl::OkStatus();
}

// A manifest or a log that was cut where a record ends opens as the store that
// it once was. The mark, apart from those files, tells that there was more.
absl::Status CheckAgainstMark(const Engine& engine, CommitNumber last) {
  ASSIGN_OR_RETURN(CommitNumber marked, engine.ReadMark());
  const std::unique_ptr<View> view = engine.LatestView();
  const std::unique_ptr<Cursor> it = view->NewCursor(Family::kCommits);
  it->SeekToFirst();
  RETURN_IF_ERROR(it->status());
  // Nothing is ever taken off the commit log.
  if (it->Valid() && it->key() != EncodeId(1)) {
    return absl::DataLossError(absl::StrCat(
        "store ", engine.location(),
        ": its first commits are not there: a file was lost or cut; restore "
        "the directory from a backup"));
  }
  if (last >= marked) return engine.WriteMark(last);
  return absl::DataLossError(absl::StrCat(
      "store ", engine.location(), ": it ends at commit ", last, ", but held ",
      marked,
      " before: a file was lost or cut; restore the directory from a backup"));
}

// What a wrong clock left behind.
void WarnOfTheFuture(const std::string& directory, absl::Time last_commit,
                     absl::Time now) {
  if (last_commit <= now + ClockGuard::kMaxStep) return;
  Log(LogLevel::kWarning,
      "the last commit lies in the future: a clock was wrong, then or now; if "
      "it is right now, stop the daemon and run headway store restamp",
      {{"store", directory},
       {"last_commit", FormatInstant(last_commit)},
       {"now", FormatInstant(now)}});
}

}  // namespace

Store::Store(std::unique_ptr<Engine> engine, std::string identity,
             std::unique_ptr<CommitWriter> writer, Clock* clock,
             const Options& options)
    : engine_(std::move(engine)),
      identity_(std::move(identity)),
      clock_(clock),
      on_final_error_(options.on_final_error),
      guard_(clock, options.clock_guard, writer->last_recorded_at()),
      documents_(std::make_unique<DocumentArchive>(engine_.get())),
      listeners_(std::make_shared<Listeners>()),
      writer_(std::move(writer)),
      synced_(writer_->last_commit()),
      appended_{writer_->last_commit(), writer_->last_commit(),
                engine_->NewSnapshot()},
      published_(appended_) {}

Store::~Store() {
  // Fails on a disk that fails: the mark then stays behind, which is allowed.
  engine_->WriteMark(last_commit()).IgnoreError();
}

absl::StatusOr<std::unique_ptr<Engine>> Store::OpenEngine(
    const std::string& directory, const Options& options) {
  RocksEngine::Options engine_options;
  engine_options.block_cache_bytes = options.block_cache_bytes;
  engine_options.keep_log_bytes = options.keep_log_bytes;
  return RocksEngine::Open(directory, engine_options);
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   Clock* clock,
                                                   const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine,
                   OpenEngine(directory, options));
  return Open(std::move(engine), clock, options);
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(
    std::unique_ptr<Engine> engine, Clock* clock, const Options& options) {
  if (options.full_block_interval < 1) {
    return absl::InvalidArgumentError(absl::StrCat("full_block_interval is ",
                                                   options.full_block_interval,
                                                   "; it must be at least 1"));
  }
  RETURN_IF_ERROR(CheckFormat(engine.get()));
  ASSIGN_OR_RETURN(CommitWriter writer,
                   CommitWriter::Create(*engine->LatestView(), clock, options));
  RETURN_IF_ERROR(CheckAgainstMark(*engine, writer.last_commit()));
  ASSIGN_OR_RETURN(std::string identity, GetOrMakeIdentity(engine.get()));
  WarnOfTheFuture(engine->location(), writer.last_recorded_at(), clock->Now());
  return std::unique_ptr<Store>(new Store(
      std::move(engine), std::move(identity),
      std::make_unique<CommitWriter>(std::move(writer)), clock, options));
}

absl::StatusOr<CommitResult> Store::Commit(const Batch& batch) {
  RETURN_IF_ERROR(CheckBatch(batch));
  RETURN_IF_ERROR(CheckClock());
  CommitResult result;
  ASSIGN_OR_RETURN(CommitNumber awaited, Append(batch, &result));
  RETURN_IF_ERROR(AwaitSync(awaited));
  return result;
}

absl::StatusOr<CommitNumber> Store::Append(const Batch& batch,
                                           CommitResult* result) {
  absl::MutexLock lock(&commit_mutex_);
  WriteBatch out;
  ASSIGN_OR_RETURN(*result,
                   writer_->Prepare(batch, *engine_->LatestView(), &out));
  // What is unchanged may have been changed by a commit that is not synced yet.
  if (out.empty() && batch.preconditions.empty()) return result->commit;
  const absl::Status written = engine_->Append(out);
  if (absl::IsAborted(written)) return written;
  if (!written.ok()) NoteWrite(written);
  RETURN_IF_ERROR(written);
  if (out.empty()) return result->commit;
  writer_->Accept();
  State appended{result->commit, result->commit, engine_->NewSnapshot()};
  absl::MutexLock state_lock(&state_mutex_);
  if (result->kind == CommitKind::kRecords) {
    appended.series_commit = appended_.series_commit;
  }
  notices_.push_back({result->commit, result->kind});
  std::swap(appended_, appended);
  return appended_.commit;
}

absl::Status Store::AwaitSync(CommitNumber commit) {
  while (true) {
    {
      absl::MutexLock lock(&sync_mutex_);
      sync_mutex_.Await(absl::Condition(
          +[](bool* syncing) { return !*syncing; }, &syncing_));
      if (synced_ >= commit) return absl::OkStatus();
      RETURN_IF_ERROR(sync_error_);
      syncing_ = true;
    }
    SyncAppended();
  }
}

void Store::SyncAppended() {
  State target;
  std::vector<CommitNotice> notices;
  {
    absl::MutexLock lock(&state_mutex_);
    target = appended_;
    notices.swap(notices_);
  }
  const CommitNumber commit = target.commit;
  const absl::Status status = engine_->Sync();
  NoteWrite(status);
  if (status.ok()) {
    absl::MutexLock lock(&state_mutex_);
    std::swap(published_, target);
  }
  // Listeners hear of each commit before the next sync, even if one throws.
  absl::Cleanup done = [&] {
    absl::MutexLock lock(&sync_mutex_);
    syncing_ = false;
    if (status.ok()) synced_ = commit;
    sync_error_ = status;
  };
  if (!status.ok()) return;
  for (const CommitNotice& notice : notices) listeners_->Call(notice);
}

void Store::NoteWrite(const absl::Status& status) {
  {
    absl::MutexLock lock(&error_mutex_);
    const bool was_final = write_error_ && write_error_->is_final;
    if (status.ok()) {
      // A sync that began before the error may end after it.
      if (!was_final) write_error_.reset();
      return;
    }
    if (!write_error_) write_error_ = WriteError{status, clock_->Now()};
    // What follows a final error says less than it did.
    if (!was_final) write_error_->status = status;
    write_error_->is_final = !engine_->final_error().ok();
    if (was_final || !write_error_->is_final) return;
  }
  if (on_final_error_) on_final_error_(status);
}

std::optional<WriteError> Store::write_error() const {
  absl::MutexLock lock(&error_mutex_);
  return write_error_;
}

std::unique_ptr<Reader> Store::NewReader() const {
  State state;
  {
    absl::MutexLock lock(&state_mutex_);
    state = published_;
  }
  return std::unique_ptr<Reader>(
      new Reader(engine_->ViewOf(std::move(state.snapshot)), state.commit,
                 state.series_commit));
}

CommitNumber Store::last_commit() const {
  absl::MutexLock lock(&state_mutex_);
  return published_.commit;
}

CommitNumber Store::last_series_commit() const {
  absl::MutexLock lock(&state_mutex_);
  return published_.series_commit;
}

std::unique_ptr<Store::Subscription> Store::Subscribe(
    std::function<void(const CommitNotice&)> listener) {
  const uint64_t id = listeners_->Add(std::move(listener));
  return std::unique_ptr<Subscription>(new Subscription(listeners_, id));
}

Store::Subscription::Subscription(std::shared_ptr<Listeners> listeners,
                                  uint64_t id)
    : listeners_(std::move(listeners)), id_(id) {}

Store::Subscription::~Subscription() { listeners_->Remove(id_); }

}  // namespace headway::store
