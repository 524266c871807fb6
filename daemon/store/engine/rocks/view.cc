#include "daemon/store/engine/rocks/view.h"

#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/store/engine/rocks/engine.h"
#include "daemon/store/engine/rocks/slice.h"
#include "daemon/store/engine/rocks/status.h"

namespace headway::store {
namespace {

// Keys that are asked for at once; more hold too many blocks in memory.
constexpr size_t kKeysAtOnce = 256;

struct RocksPin final : public PinnedValue::Pin {
  rocksdb::PinnableSlice slice;
};

}  // namespace

RocksSnapshot::RocksSnapshot(rocksdb::DB* db)
    : db_(db), snapshot_(db->GetSnapshot()) {}

RocksSnapshot::~RocksSnapshot() { db_->ReleaseSnapshot(snapshot_); }

class RocksView::RocksCursor final : public Cursor {
 public:
  RocksCursor(const RocksView& view, Family family, KeyRange range)
      : view_(view), family_(family), range_(std::move(range)) {
    const bool has_bounds = !range_.lower.empty() || !range_.upper.empty();
    if (!has_bounds) it_ = view.TakeIdle(family);
    if (it_ != nullptr) return;
    rocksdb::ReadOptions options = view.Options();
    // The iterator keeps pointers to the bounds, so they live beside it.
    if (!range_.lower.empty()) {
      lower_ = range_.lower;
      options.iterate_lower_bound = &lower_;
    }
    if (!range_.upper.empty()) {
      upper_ = range_.upper;
      options.iterate_upper_bound = &upper_;
    }
    rocksdb::ColumnFamilyHandle* const handle = view.engine_.handle(family);
    it_.reset(handle == nullptr
                  ? rocksdb::NewEmptyIterator()
                  : view.engine_.db().NewIterator(options, handle));
  }
  ~RocksCursor() override {
    if (!range_.lower.empty() || !range_.upper.empty()) return;
    view_.PutIdle(family_, std::move(it_));
  }
  RocksCursor(const RocksCursor&) = delete;
  RocksCursor& operator=(const RocksCursor&) = delete;

  void SeekToFirst() override {
    range_.descending ? it_->SeekToLast() : it_->SeekToFirst();
    Moved();
  }
  void Seek(absl::string_view key) override {
    range_.descending ? it_->SeekForPrev(ToSlice(key))
                      : it_->Seek(ToSlice(key));
    Moved();
  }
  void Next() override {
    range_.descending ? it_->Prev() : it_->Next();
    Moved();
  }
  absl::Status status() const override {
    return ToStatus(view_.location(), it_->status());
  }

 private:
  void Moved() {
    valid_ = it_->Valid();
    if (!valid_) return;
    key_ = ToView(it_->key());
    value_ = ToView(it_->value());
  }

  const RocksView& view_;
  const Family family_;
  const KeyRange range_;
  rocksdb::Slice lower_;
  rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

RocksView::RocksView(const RocksEngine& engine,
                     std::shared_ptr<const Snapshot> snapshot)
    : engine_(engine),
      snapshot_(std::move(snapshot)),
      rocks_snapshot_(
          snapshot_ == nullptr
              ? nullptr
              : static_cast<const RocksSnapshot&>(*snapshot_).get()) {}

RocksView::~RocksView() = default;

const std::string& RocksView::location() const { return engine_.location(); }

rocksdb::ReadOptions RocksView::Options() const {
  rocksdb::ReadOptions options;
  options.snapshot = rocks_snapshot_;
  return options;
}

absl::StatusOr<bool> RocksView::Get(Family family, absl::string_view key,
                                    PinnedValue* value) const {
  if (value->pin == nullptr) value->pin = std::make_unique<RocksPin>();
  rocksdb::PinnableSlice& slice = static_cast<RocksPin&>(*value->pin).slice;
  slice.Reset();
  rocksdb::ColumnFamilyHandle* const handle = engine_.handle(family);
  if (handle == nullptr) return false;
  const rocksdb::Status status =
      engine_.db().Get(Options(), handle, ToSlice(key), &slice);
  if (status.IsNotFound()) return false;
  RETURN_IF_ERROR(ToStatus(location(), status));
  value->bytes = ToView(slice);
  return true;
}

absl::Status RocksView::GetMany(
    Family family, absl::Span<const std::string> keys,
    absl::FunctionRef<absl::Status(size_t, std::optional<absl::string_view>)>
        sink) const {
  for (size_t begin = 0; begin < keys.size(); begin += kKeysAtOnce) {
    const auto part = keys.subspan(begin, kKeysAtOnce);
    const std::vector<rocksdb::Slice> slices(part.begin(), part.end());
    std::vector<rocksdb::PinnableSlice> values(part.size());
    std::vector<rocksdb::Status> statuses(part.size());
    rocksdb::ColumnFamilyHandle* const handle = engine_.handle(family);
    if (handle == nullptr) {
      statuses.assign(part.size(), rocksdb::Status::NotFound());
    } else {
      engine_.db().MultiGet(Options(), handle, part.size(), slices.data(),
                            values.data(), statuses.data());
    }
    for (size_t i = 0; i < part.size(); ++i) {
      std::optional<absl::string_view> value;
      if (!statuses[i].IsNotFound()) {
        RETURN_IF_ERROR(ToStatus(location(), statuses[i]));
        value = ToView(values[i]);
      }
      RETURN_IF_ERROR(sink(begin + i, value));
    }
  }
  return absl::OkStatus();
}

std::unique_ptr<Cursor> RocksView::NewCursor(Family family,
                                             KeyRange range) const {
  return std::make_unique<RocksCursor>(*this, family, std::move(range));
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
  if (rocks_snapshot_ == nullptr || it == nullptr || !it->status().ok()) return;
  absl::MutexLock lock(&mutex_);
  idle_.emplace_back(family, std::move(it));
}

}  // namespace headway::store
