// What the writer remembers of series that were written lately, so that a pull
// which changes nothing costs a hash and no read.
//
// Of each series: its number, who writes it, a hash of its description, and a
// hash of the last update, if its periods still hold just what that update
// stated. Hashes of updates have 128 bits (XXH3), so that two different updates
// do not share one.
//
// Belongs to the thread that commits. Bounded: when it is full it forgets all.
#ifndef HEADWAY_DAEMON_STORE_COMMIT_SERIES_CACHE_H_
#define HEADWAY_DAEMON_STORE_COMMIT_SERIES_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "daemon/store/format/format.h"
#include "daemon/store/types.h"

namespace headway::store {

using ContentHash = std::pair<uint64_t, uint64_t>;

// Hashes the statements of an update: neither series, known_at, restated nor
// covers.
ContentHash HashContent(const VintageUpdate& update);

uint64_t HashText(absl::string_view text);

// An update that would change nothing if it were given again, with this
// known_at or a later one.
struct SettledUpdate {
  ContentHash content;
  Micros known_at = 0;
};

struct CachedSeries {
  // Its owner is known.
  StoredKey stored;
  // HashText of the encoded description.
  uint64_t description = 0;
  std::optional<SettledUpdate> settled;
};

class SeriesCache {
 public:
  explicit SeriesCache(size_t max_size) : max_size_(max_size) {}

  // Null if nothing is known of the series. Good until the next Put.
  const CachedSeries* Find(absl::string_view ordered_key) const;
  void Put(absl::string_view ordered_key, const CachedSeries& series);

 private:
  const size_t max_size_;
  absl::flat_hash_map<std::string, CachedSeries> series_;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_COMMIT_SERIES_CACHE_H_
