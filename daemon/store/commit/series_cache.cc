#include "daemon/store/commit/series_cache.h"

#include <xxhash.h>

namespace headway::store {
namespace {

template <typename T>
XXH128_hash_t HashColumn(const std::vector<T>& column) {
  return XXH3_128bits(column.data(), column.size() * sizeof(T));
}

}  // namespace

ContentHash HashContent(const VintageUpdate& update) {
  const XXH128_hash_t parts[] = {HashColumn(update.ordinals),
                                 HashColumn(update.values),
                                 HashColumn(update.withdrawn),
                                 HashColumn(update.statuses),
                                 {update.snapshot, 0}};
  const XXH128_hash_t hash = XXH3_128bits(parts, sizeof(parts));
  return {hash.high64, hash.low64};
}

uint64_t HashText(absl::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

const CachedSeries* SeriesCache::Find(absl::string_view ordered_key) const {
  const auto it = series_.find(ordered_key);
  return it == series_.end() ? nullptr : &it->second;
}

void SeriesCache::Put(absl::string_view ordered_key,
                      const CachedSeries& series) {
  if (series_.size() >= max_size_ && !series_.contains(ordered_key)) {
    series_.clear();
  }
  series_[ordered_key] = series;
}

}  // namespace headway::store
