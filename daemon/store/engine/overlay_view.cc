#include "daemon/store/engine/overlay_view.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"

namespace headway::store {

// Walks the base and the writes in step; where both have a key, the write
// holds.
class OverlayView::MergingCursor final : public Cursor {
 public:
  MergingCursor(const View& base, Family family, const Writes* writes,
                KeyRange range)
      : descending_(range.descending) {
    if (writes != nullptr) {
      for (const auto& [key, value] : *writes) {
        if (key < range.lower) continue;
        if (!range.upper.empty() && key >= range.upper) continue;
        writes_.emplace_back(key, value);
      }
    }
    if (descending_) std::reverse(writes_.begin(), writes_.end());
    base_ = base.NewCursor(family, std::move(range));
  }

  void SeekToFirst() override {
    base_->SeekToFirst();
    next_ = 0;
    Settle();
  }
  void Seek(absl::string_view key) override {
    base_->Seek(key);
    next_ =
        static_cast<size_t>(std::find_if(writes_.begin(), writes_.end(),
                                         [&](const auto& write) {
                                           return !IsBefore(write.first, key);
                                         }) -
                            writes_.begin());
    Settle();
  }
  void Next() override {
    if (at_write_) {
      ++next_;
    } else {
      base_->Next();
    }
    Settle();
  }
  absl::Status status() const override { return base_->status(); }

 private:
  bool IsBefore(absl::string_view a, absl::string_view b) const {
    return descending_ ? a > b : a < b;
  }

  // Puts the cursor on the first entry that either has from here on.
  void Settle() {
    while (next_ < writes_.size()) {
      const auto& [key, value] = writes_[next_];
      if (base_->Valid() && IsBefore(base_->key(), key)) break;
      if (base_->Valid() && base_->key() == key) base_->Next();
      if (value) return PutOn(key, *value, true);
      ++next_;
    }
    if (base_->Valid()) return PutOn(base_->key(), base_->value(), false);
    valid_ = false;
  }

  void PutOn(absl::string_view key, absl::string_view value, bool at_write) {
    key_ = key;
    value_ = value;
    at_write_ = at_write;
    valid_ = true;
  }

  const bool descending_;
  std::unique_ptr<Cursor> base_;
  // Those within the range, in its order.
  std::vector<std::pair<absl::string_view, std::optional<absl::string_view>>>
      writes_;
  size_t next_ = 0;
  bool at_write_ = false;
};

OverlayView::OverlayView(const View& base, const WriteBatch& writes)
    : base_(base) {
  writes.ForEach([this](const KeyWrite& write) {
    writes_[write.family][write.key] = write.value;
  });
}

absl::StatusOr<bool> OverlayView::Get(Family family, absl::string_view key,
                                      PinnedValue* value) const {
  const auto writes = writes_.find(family);
  if (writes != writes_.end()) {
    const auto write = writes->second.find(key);
    if (write != writes->second.end()) {
      if (!write->second) return false;
      value->bytes = *write->second;
      return true;
    }
  }
  return base_.Get(family, key, value);
}

absl::Status OverlayView::GetMany(
    Family family, absl::Span<const std::string> keys,
    absl::FunctionRef<absl::Status(size_t, std::optional<absl::string_view>)>
        sink) const {
  PinnedValue value;
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSIGN_OR_RETURN(const bool is_there, Get(family, keys[i], &value));
    RETURN_IF_ERROR(
        sink(i, is_there ? std::make_optional(value.bytes) : std::nullopt));
  }
  return absl::OkStatus();
}

std::unique_ptr<Cursor> OverlayView::NewCursor(Family family,
                                               KeyRange range) const {
  const auto writes = writes_.find(family);
  return std::make_unique<MergingCursor>(
      base_, family, writes == writes_.end() ? nullptr : &writes->second,
      std::move(range));
}

}  // namespace headway::store
