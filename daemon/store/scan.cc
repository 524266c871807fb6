// Reader::Scan: series are read in chunks of rising ids, by whoever has time;
// the batches go to the sink in order, by the thread that called.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/head.h"
#include "daemon/store/reader.h"

namespace headway::store {
namespace {

// Few enough that a batch stays in a core's cache, many enough that handing it
// over costs nothing beside filling it.
constexpr size_t kSeriesPerBatch = 64;
constexpr size_t kBatchesPerThread = 4;
// Further on than this, seeking beats walking.
constexpr SeriesId kLongestWalk = 16;

void Clear(ScanBatch* batch) {
  batch->series.clear();
  batch->frequencies.clear();
  batch->known_at.clear();
  batch->begins.assign(1, 0);
  batch->ordinals.clear();
  batch->values.clear();
  batch->statuses.clear();
}

// Reads chunks of series into batches. Belongs to one thread.
class ChunkReader {
 public:
  ChunkReader(const View& view, const ReadOptions& options)
      : view_(view),
        first_(options.first),
        last_(options.last),
        as_of_(absl::ToUnixMicros(options.as_of)),
        recorded_by_(absl::ToUnixMicros(options.recorded_by)),
        it_(view.NewCursor(Family::kCurrent)) {}

  absl::Status Read(absl::Span<const SeriesId> ids, ScanBatch* batch);

 private:
  // Moves to the head of the series; false if it has none.
  absl::StatusOr<bool> MoveTo(SeriesId id);
  absl::Status Append(SeriesId id, ScanBatch* batch);
  void AppendState(const Columns& state, ScanBatch* batch) const;

  const View& view_;
  const int32_t first_;
  const int32_t last_;
  const Micros as_of_;
  const Micros recorded_by_;
  const std::unique_ptr<Cursor> it_;
  bool is_placed_ = false;
  // Used again for each series.
  PackedHead head_;
  Undo undo_;
};

absl::Status ChunkReader::Read(absl::Span<const SeriesId> ids,
                               ScanBatch* batch) {
  Clear(batch);
  for (SeriesId id : ids) {
    ASSIGN_OR_RETURN(bool has_head, MoveTo(id));
    batch->series.push_back(id);
    batch->known_at.push_back(absl::InfinitePast());
    if (has_head) {
      RETURN_IF_ERROR(Append(id, batch));
    } else {
      ASSIGN_OR_RETURN(SeriesEntry entry, GetSeries(view_, id));
      batch->frequencies.push_back(entry.info.key.frequency);
    }
    batch->begins.push_back(batch->ordinals.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ChunkReader::MoveTo(SeriesId id) {
  for (SeriesId steps = 0; is_placed_ && it_->Valid() && steps < kLongestWalk;
       ++steps) {
    ASSIGN_OR_RETURN(SeriesId at, DecodeId(it_->key()));
    if (at == id) return true;
    // Walking may have passed it; chunks come in rising order.
    if (at > id && steps > 0) return false;
    if (at > id || id - at > kLongestWalk) break;
    it_->Next();
  }
  it_->Seek(EncodeId(id));
  is_placed_ = true;
  RETURN_IF_ERROR(it_->status());
  if (!it_->Valid()) return false;
  ASSIGN_OR_RETURN(SeriesId at, DecodeId(it_->key()));
  return at == id;
}

absl::Status ChunkReader::Append(SeriesId id, ScanBatch* batch) {
  absl::StatusOr<HeadAnswer> answer =
      ReadFromHead(it_->value(), as_of_, recorded_by_, &head_, &undo_);
  if (!answer.ok()) return DescribeDamage(view_, id, answer.status());
  batch->frequencies.push_back(head_.frequency);
  std::optional<Micros> known_at = answer->known_at;
  if (answer->is_here) {
    AppendState(head_.state, batch);
  } else {
    ASSIGN_OR_RETURN(BlockAnswer older,
                     ReadFromBlocks(view_, id, as_of_, recorded_by_));
    AppendState(older.state, batch);
    known_at = older.known_at;
  }
  if (known_at) batch->known_at.back() = absl::FromUnixMicros(*known_at);
  return absl::OkStatus();
}

void ChunkReader::AppendState(const Columns& state, ScanBatch* batch) const {
  const auto [begin, end] = RangeOf(state.ordinals, first_, last_);
  series::AppendStatuses(state.statuses, static_cast<size_t>(begin),
                         static_cast<size_t>(end), batch->values.size(),
                         &batch->statuses);
  batch->ordinals.insert(batch->ordinals.end(), state.ordinals.begin() + begin,
                         state.ordinals.begin() + end);
  batch->values.insert(batch->values.end(), state.values.begin() + begin,
                       state.values.begin() + end);
}

// A scan under way. Threads of the pool hold a share of it, as they may come to
// it only when it is over.
class ScanRun : public std::enable_shared_from_this<ScanRun> {
 public:
  ScanRun(const View& view, absl::Span<const SeriesId> ids,
          const ScanOptions& options)
      : view_(view),
        ids_(ids),
        options_(options),
        chunks_((ids.size() + kSeriesPerBatch - 1) / kSeriesPerBatch),
        slots_(std::min(chunks_, kBatchesPerThread *
                                     static_cast<size_t>(options.threads))) {}

  absl::Status Run(absl::FunctionRef<absl::Status(const ScanBatch&)> sink);

 private:
  struct Slot {
    bool is_ready = false;
    absl::Status status;
    ScanBatch batch;
  };

  // The next chunk that nobody reads and that a slot is free for.
  std::optional<size_t> Claim() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadChunk(size_t chunk, ChunkReader* reader);
  // Calls more threads while there is work for them.
  void CallHelpers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Help();
  // No thread reads any more, and none will.
  void Stop();

  Slot& slot(size_t chunk) { return slots_[chunk % slots_.size()]; }

  const View& view_;
  const absl::Span<const SeriesId> ids_;
  const ScanOptions options_;
  const size_t chunks_;
  std::vector<Slot> slots_;

  absl::Mutex mutex_;
  size_t claimed_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t delivered_ ABSL_GUARDED_BY(mutex_) = 0;
  int helpers_ ABSL_GUARDED_BY(mutex_) = 0;  // called, or reading
  int reading_ ABSL_GUARDED_BY(mutex_) = 0;  // helpers that read
  bool is_over_ ABSL_GUARDED_BY(mutex_) = false;
};

std::optional<size_t> ScanRun::Claim() {
  if (is_over_ || claimed_ == chunks_ ||
      claimed_ == delivered_ + slots_.size()) {
    return std::nullopt;
  }
  return claimed_++;
}

void ScanRun::ReadChunk(size_t chunk, ChunkReader* reader) {
  Slot& target = slot(chunk);
  target.status = reader->Read(
      ids_.subspan(chunk * kSeriesPerBatch, kSeriesPerBatch), &target.batch);
  absl::MutexLock lock(&mutex_);
  target.is_ready = true;
}

void ScanRun::CallHelpers() {
  while (options_.pool != nullptr && helpers_ + 1 < options_.threads &&
         claimed_ < chunks_) {
    ++helpers_;
    // If the pool is full, the calling thread does the work alone.
    if (!options_.pool->Schedule([run = shared_from_this()] { run->Help(); })
             .ok()) {
      --helpers_;
      return;
    }
  }
}

// Does not wait for room: a thread of the pool that waits could be the one that
// the sink waits for.
void ScanRun::Help() {
  absl::MutexLock lock(&mutex_);
  std::optional<size_t> chunk = Claim();
  if (chunk) {
    ++reading_;
    mutex_.Unlock();
    {
      ChunkReader reader(view_, options_.read);
      while (chunk) {
        ReadChunk(*chunk, &reader);
        absl::MutexLock claim_lock(&mutex_);
        chunk = Claim();
      }
    }
    mutex_.Lock();
    --reading_;
  }
  --helpers_;
}

absl::Status ScanRun::Run(
    absl::FunctionRef<absl::Status(const ScanBatch&)> sink) {
  ChunkReader reader(view_, options_.read);
  absl::Status status;
  for (size_t next = 0; next < chunks_ && status.ok();) {
    std::optional<size_t> chunk;
    {
      absl::MutexLock lock(&mutex_);
      CallHelpers();
      if (!slot(next).is_ready) chunk = Claim();
      if (!slot(next).is_ready && !chunk) {
        mutex_.Await(absl::Condition(&slot(next).is_ready));
      }
    }
    if (chunk) {
      ReadChunk(*chunk, &reader);
      continue;
    }
    Slot& ready = slot(next);
    status = ready.status.ok() ? sink(ready.batch) : ready.status;
    absl::MutexLock lock(&mutex_);
    ready.is_ready = false;
    delivered_ = ++next;
  }
  Stop();
  return status;
}

void ScanRun::Stop() {
  absl::MutexLock lock(&mutex_);
  is_over_ = true;
  mutex_.Await(absl::Condition(
      +[](int* reading) { return *reading == 0; }, &reading_));
}

}  // namespace

absl::Status Reader::Scan(
    absl::Span<const SeriesId> ids, const ScanOptions& options,
    absl::FunctionRef<absl::Status(const ScanBatch&)> sink) const {
  if (options.threads < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a scan by ", options.threads, " threads; it takes at least 1"));
  }
  if (std::adjacent_find(ids.begin(), ids.end(),
                         std::greater_equal<SeriesId>()) != ids.end()) {
    return absl::InvalidArgumentError(
        "the series to scan are not in rising order, each once");
  }
  return std::make_shared<ScanRun>(*view_, ids, options)->Run(sink);
}

absl::Status Reader::Scan(
    const series::Selector& selector, const ScanOptions& options,
    absl::FunctionRef<absl::Status(const ScanBatch&)> sink) const {
  ASSIGN_OR_RETURN(std::vector<SeriesId> ids, SelectIds(*view_, selector));
  return Scan(ids, options, sink);
}

}  // namespace headway::store
