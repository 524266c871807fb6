// How RocksDB is set up for a store: its options, and its column families.
// Pure functions but for FamiliesToOpen, which reads the directory.
#ifndef HEADWAY_DAEMON_STORE_ENGINE_ROCKS_OPTIONS_H_
#define HEADWAY_DAEMON_STORE_ENGINE_ROCKS_OPTIONS_H_

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/store/engine/family.h"
#include "daemon/store/engine/rocks/engine.h"

namespace headway::store {

// The name of a family on the disk.
absl::string_view FamilyName(Family family);

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env,
                                   const RocksEngine::Options& given);

// The options of a column family by its name; all share `cache`.
rocksdb::ColumnFamilyOptions OptionsOf(
    absl::string_view family, const std::shared_ptr<rocksdb::Cache>& cache,
    size_t write_buffer_bytes);

// The families that this program knows, in order, then those on disk that it
// does not: RocksDB opens all or nothing, and the format's version, which says
// what is wrong, is inside. Read-only, without those that are not on disk: they
// cannot be made.
std::vector<std::string> FamiliesToOpen(rocksdb::Env* env,
                                        const std::string& directory,
                                        bool read_only);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_ENGINE_ROCKS_OPTIONS_H_
