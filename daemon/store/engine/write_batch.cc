#include "daemon/store/engine/write_batch.h"

namespace headway::store {

void WriteBatch::Add(Family family, absl::string_view key,
                     std::optional<absl::string_view> value) {
  writes_.push_back({family, value.has_value(), bytes_.size(), key.size(),
                     value ? value->size() : 0});
  bytes_.append(key.data(), key.size());
  if (value) bytes_.append(value->data(), value->size());
}

void WriteBatch::Put(Family family, absl::string_view key,
                     absl::string_view value) {
  Add(family, key, value);
}

void WriteBatch::Delete(Family family, absl::string_view key) {
  Add(family, key, std::nullopt);
}

void WriteBatch::RequireAbsent(Family family, absl::string_view key) {
  preconditions_.push_back({family, std::string(key), std::nullopt});
}

void WriteBatch::RequireValue(Family family, absl::string_view key,
                              absl::string_view value) {
  preconditions_.push_back({family, std::string(key), std::string(value)});
}

void WriteBatch::SetSavePoint() {
  save_points_.push_back(
      {writes_.size(), bytes_.size(), preconditions_.size()});
}

void WriteBatch::RollbackToSavePoint() {
  const SavePoint& point = save_points_.back();
  writes_.resize(point.writes);
  bytes_.resize(point.bytes);
  preconditions_.resize(point.preconditions);
  save_points_.pop_back();
}

void WriteBatch::PopSavePoint() { save_points_.pop_back(); }

void WriteBatch::Append(const WriteBatch& other) {
  const size_t offset = bytes_.size();
  writes_.reserve(writes_.size() + other.writes_.size());
  for (Entry entry : other.writes_) {
    entry.begin += offset;
    writes_.push_back(entry);
  }
  bytes_.append(other.bytes_);
  preconditions_.insert(preconditions_.end(), other.preconditions_.begin(),
                        other.preconditions_.end());
}

void WriteBatch::ForEach(absl::FunctionRef<void(const KeyWrite&)> write) const {
  const absl::string_view bytes = bytes_;
  for (const Entry& entry : writes_) {
    KeyWrite each{entry.family, bytes.substr(entry.begin, entry.key_size), {}};
    if (entry.is_put) {
      each.value = bytes.substr(entry.begin + entry.key_size, entry.value_size);
    }
    write(each);
  }
}

}  // namespace headway::store
