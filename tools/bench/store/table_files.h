// A store's directory opened as a plain RocksDB database: to compact it, to
// measure it, and to give the peer the same keys and values. The store must be
// closed.
#ifndef HEADWAY_TOOLS_BENCH_STORE_TABLE_FILES_H_
#define HEADWAY_TOOLS_BENCH_STORE_TABLE_FILES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace headway::bench {

// An open database with all its families.
struct OpenTables {
  ~OpenTables();
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  rocksdb::ColumnFamilyHandle* Find(const std::string& name) const;
};

// With the options that the store itself wrote down.
absl::StatusOr<std::unique_ptr<OpenTables>> OpenTableFiles(
    const std::string& directory, bool read_only);

// A new, empty database with the families and options of that in `directory`.
absl::StatusOr<std::unique_ptr<OpenTables>> CreateLike(
    const std::string& directory, const std::string& path);

struct FamilySize {
  std::string name;
  int64_t file_bytes = 0;
  // Of those, the compressed keys and values; the remainder is index, filter
  // and what RocksDB notes in each file.
  int64_t data_bytes = 0;
};

struct StoreSize {
  int64_t directory_bytes = 0;
  int64_t table_bytes = 0;
  int64_t data_bytes = 0;
  std::vector<FamilySize> families;

  // Keys and values of what grows with the points.
  int64_t ValueBytes() const;
  // "vintages 1234 (data 1100), ..." for notes.
  std::string Describe() const;
};

// Flushes and compacts everything, and says what is left.
absl::StatusOr<StoreSize> CompactAndMeasure(const std::string& directory);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_TABLE_FILES_H_
