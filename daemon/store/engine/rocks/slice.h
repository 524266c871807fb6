// Converts between rocksdb::Slice and absl::string_view without copying the
// bytes, which must outlive the result. Pure functions.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_SLICE_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_SLICE_H_

#include <rocksdb/slice.h>

#include "absl/strings/string_view.h"

namespace headway::store {

inline rocksdb::Slice ToSlice(absl::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}

inline absl::string_view ToView(const rocksdb::Slice& slice) {
  return absl::string_view(slice.data(), slice.size());
}

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_SLICE_H_
