// RocksDB's errors as ours, with what an operator can do.
// Pure functions; `directory` is that of the store.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_STATUS_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_STATUS_H_

#include <rocksdb/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::store {

absl::Status ToStatus(const std::string& directory,
                      const rocksdb::Status& status);

// The errors that are also found without RocksDB's help.
absl::Status PermissionDenied(const std::string& directory,
                              absl::string_view detail);
absl::Status DiskFull(const std::string& directory, absl::string_view detail);
absl::Status Locked(const std::string& directory, absl::string_view detail);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_STATUS_H_
