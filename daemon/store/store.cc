#include "daemon/store/store.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/batch_check.h"
#include "daemon/store/catalogue.h"
#include "daemon/store/codec.h"
#include "daemon/store/commit_log.h"
#include "daemon/store/documents.h"
#include "daemon/store/format.h"
#include "daemon/store/records.h"
#include "daemon/store/rocks_engine.h"
#include "daemon/store/timeline.h"

namespace headway::store {

// Shared with the subscriptions, which may outlive the store.
class Listeners {
 public:
  uint64_t Add(std::function<void(CommitNumber)> listener) {
    absl::MutexLock lock(&mutex_);
    listeners_[++last_id_] = std::move(listener);
    return last_id_;
  }

  // Waits for a call under way.
  void Remove(uint64_t id) {
    absl::MutexLock lock(&mutex_);
    listeners_.erase(id);
  }

  void Call(CommitNumber commit) {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, listener] : listeners_) listener(commit);
  }

 private:
  absl::Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::function<void(CommitNumber)>> listeners_
      ABSL_GUARDED_BY(mutex_);
};

namespace {

// The updates of one series, in the order given.
struct SeriesUpdates {
  const series::SeriesInfo* info = nullptr;  // the last one given
  std::vector<const VintageUpdate*> updates;
};

// In the order in which the series first occur.
std::vector<SeriesUpdates> GroupBySeries(const Batch& batch) {
  std::vector<SeriesUpdates> groups;
  absl::flat_hash_map<series::SeriesKey, size_t> index;
  for (const VintageUpdate& update : batch.updates) {
    auto [it, is_new] = index.try_emplace(update.info.key, groups.size());
    if (is_new) groups.emplace_back();
    groups[it->second].info = &update.info;
    groups[it->second].updates.push_back(&update);
  }
  return groups;
}

absl::Status Refuse(const std::string& directory, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("store ", directory, ": ", why));
}

// Checks the version of the format, and enters it into a new store.
absl::Status CheckFormat(RocksEngine* engine) {
  std::unique_ptr<RocksView> view = engine->NewView();
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view->Get(Family::kMeta, kFormatKey));
  if (!bytes) {
    RocksIterator it = view->NewIterator(Family::kMeta);
    it.SeekToFirst();
    RETURN_IF_ERROR(it.status());
    if (it.Valid()) {
      return Refuse(view->directory(),
                    "the directory holds a database that is no Headway store; "
                    "choose another with --data-dir");
    }
    std::string version;
    AppendVarint(kFormatVersion, &version);
    RocksBatch batch(*engine);
    batch.Put(Family::kMeta, kFormatKey, version);
    return engine->Write(&batch);
  }
  ByteReader reader(*bytes);
  const uint64_t version = reader.ReadVarint();
  if (!reader.AtEnd() || version == 0) {
    return absl::DataLossError(
        absl::StrCat("store ", view->directory(),
                     ": the format's version is damaged, restore it from a "
                     "backup"));
  }
  if (version > kFormatVersion) {
    return Refuse(
        view->directory(),
        absl::StrCat("it was written in format ", version,
                     ", this program knows formats up to ", kFormatVersion,
                     "; run the version of Headway that wrote it, or a newer "
                     "one"));
  }
  return absl::OkStatus();
}

}  // namespace

Store::Store(Clock* clock, const Options& options,
             std::unique_ptr<RocksEngine> engine)
    : clock_(clock),
      options_(options),
      engine_(std::move(engine)),
      documents_(std::make_unique<DocumentArchive>(engine_.get())),
      listeners_(std::make_shared<Listeners>()) {}

Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                                   Clock* clock,
                                                   const Options& options) {
  RocksEngine::Options engine_options;
  engine_options.block_cache_bytes = options.block_cache_bytes;
  ASSIGN_OR_RETURN(std::unique_ptr<RocksEngine> engine,
                   RocksEngine::Open(directory, engine_options));
  return Open(std::move(engine), clock, options);
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(
    std::unique_ptr<RocksEngine> engine, Clock* clock, const Options& options) {
  if (options.full_block_interval < 1) {
    return absl::InvalidArgumentError(absl::StrCat("full_block_interval is ",
                                                   options.full_block_interval,
                                                   "; it must be at least 1"));
  }
  RETURN_IF_ERROR(CheckFormat(engine.get()));
  std::unique_ptr<Store> store(new Store(clock, options, std::move(engine)));
  RETURN_IF_ERROR(store->Recover());
  return store;
}

absl::Status Store::Recover() {
  absl::MutexLock lock(&commit_mutex_);
  std::unique_ptr<RocksView> view = engine_->NewView();
  ASSIGN_OR_RETURN(last_series_, LastSeriesId(*view));
  ASSIGN_OR_RETURN(NumberedCommit last, LastCommit(*view));
  if (last.first > 0) last_recorded_at_ = last.second.recorded_at;
  Publish(last.first);
  return absl::OkStatus();
}

void Store::Publish(CommitNumber commit) {
  std::shared_ptr<const RocksView> view = engine_->NewView();
  absl::MutexLock lock(&view_mutex_);
  last_commit_ = commit;
  view_.swap(view);
}

absl::StatusOr<CommitResult> Store::Commit(const Batch& batch) {
  RETURN_IF_ERROR(CheckBatch(batch));
  const std::vector<SeriesUpdates> groups = GroupBySeries(batch);
  absl::MutexLock lock(&commit_mutex_);
  // Nobody else writes, so the published view is the present.
  const std::unique_ptr<Reader> present = NewReader();
  const RocksView& view = *present->view_;
  CommitContext context;
  context.commit = present->commit() + 1;
  context.full_block_interval = options_.full_block_interval;
  // Strictly rising, whatever the clock does: it is part of the block's keys.
  context.recorded_at =
      std::max(absl::ToUnixMicros(clock_->Now()), last_recorded_at_ + 1);

  CommitResult result;
  result.commit = context.commit;
  RocksBatch out(*engine_);
  SeriesId last_series = last_series_;
  for (const SeriesUpdates& group : groups) {
    ASSIGN_OR_RETURN(std::optional<SeriesId> known,
                     FindSeriesId(view, group.info->key));
    const SeriesId id = known ? *known : ++last_series;
    if (known) {
      RETURN_IF_ERROR(UpdateSeries(view, id, *group.info, &out));
    } else {
      AddSeries(id, *group.info, &out);
    }
    ASSIGN_OR_RETURN(int64_t changed,
                     ApplyUpdates(view, id, group.updates, context, &out));
    if (changed > 0) result.changed_series.push_back(id);
    result.changed_observations += changed;
  }
  std::sort(result.changed_series.begin(), result.changed_series.end());
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    WriteCheckpoint(checkpoint, &out);
  }
  for (const Record& record : batch.records) WriteRecord(record, &out);
  WriteCommit(context.commit,
              {context.recorded_at, batch.provenance, result.changed_series},
              &out);
  RETURN_IF_ERROR(engine_->Write(&out));

  last_series_ = last_series;
  last_recorded_at_ = context.recorded_at;
  Publish(context.commit);
  listeners_->Call(context.commit);
  return result;
}

std::unique_ptr<Reader> Store::NewReader() const {
  absl::MutexLock lock(&view_mutex_);
  return std::unique_ptr<Reader>(new Reader(view_, last_commit_));
}

CommitNumber Store::last_commit() const {
  absl::MutexLock lock(&view_mutex_);
  return last_commit_;
}

std::unique_ptr<Store::Subscription> Store::Subscribe(
    std::function<void(CommitNumber)> listener) {
  const uint64_t id = listeners_->Add(std::move(listener));
  return std::unique_ptr<Subscription>(new Subscription(listeners_, id));
}

Store::Subscription::Subscription(std::shared_ptr<Listeners> listeners,
                                  uint64_t id)
    : listeners_(std::move(listeners)), id_(id) {}

Store::Subscription::~Subscription() { listeners_->Remove(id_); }

}  // namespace headway::store
