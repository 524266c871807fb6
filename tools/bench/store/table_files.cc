#include "tools/bench/store/table_files.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/utilities/options_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

absl::Status ToStatus(const std::string& directory,
                      const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("tables of ", directory, ": ", status.ToString()));
}

struct StoredOptions {
  rocksdb::DBOptions db;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
};

absl::StatusOr<StoredOptions> LoadOptions(const std::string& directory) {
  StoredOptions options;
  RETURN_IF_ERROR(ToStatus(
      directory, rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), directory,
                                            &options.db, &options.families)));
  return options;
}

absl::StatusOr<FamilySize> MeasureFamily(const std::string& directory,
                                         const OpenTables& tables,
                                         rocksdb::ColumnFamilyHandle* family) {
  FamilySize size;
  size.name = family->GetName();
  rocksdb::ColumnFamilyMetaData meta;
  tables.db->GetColumnFamilyMetaData(family, &meta);
  size.file_bytes = static_cast<int64_t>(meta.size);
  rocksdb::TablePropertiesCollection files;
  RETURN_IF_ERROR(
      ToStatus(directory, tables.db->GetPropertiesOfAllTables(family, &files)));
  for (const auto& [name, properties] : files) {
    size.data_bytes += static_cast<int64_t>(properties->data_size);
  }
  return size;
}

}  // namespace

OpenTables::~OpenTables() {
  if (db == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    db->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db->Close().PermitUncheckedError();
}

rocksdb::ColumnFamilyHandle* OpenTables::Find(const std::string& name) const {
  for (rocksdb::ColumnFamilyHandle* family : families) {
    if (family->GetName() == name) return family;
  }
  return nullptr;
}

absl::StatusOr<std::unique_ptr<OpenTables>> OpenTableFiles(
    const std::string& directory, bool read_only) {
  ASSIGN_OR_RETURN(const StoredOptions options, LoadOptions(directory));
  auto tables = std::make_unique<OpenTables>();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only
          ? rocksdb::DB::OpenForReadOnly(
                options.db, directory, options.families, &tables->families, &db)
          : rocksdb::DB::Open(options.db, directory, options.families,
                              &tables->families, &db);
  tables->db.reset(db);
  RETURN_IF_ERROR(ToStatus(directory, status));
  return tables;
}

absl::StatusOr<std::unique_ptr<OpenTables>> CreateLike(
    const std::string& directory, const std::string& path) {
  ASSIGN_OR_RETURN(StoredOptions options, LoadOptions(directory));
  options.db.create_if_missing = true;
  options.db.create_missing_column_families = true;
  auto tables = std::make_unique<OpenTables>();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(
      options.db, path, options.families, &tables->families, &db);
  tables->db.reset(db);
  RETURN_IF_ERROR(ToStatus(path, status));
  return tables;
}

int64_t StoreSize::ValueBytes() const {
  int64_t bytes = 0;
  for (const FamilySize& family : families) {
    if (family.name == "vintages" || family.name == "current") {
      bytes += family.data_bytes;
    }
  }
  return bytes;
}

std::string StoreSize::Describe() const {
  return absl::StrJoin(
      families, ", ", [](std::string* out, const FamilySize& family) {
        absl::StrAppend(out, family.name, " ", family.file_bytes, " (data ",
                        family.data_bytes, ")");
      });
}

absl::StatusOr<StoreSize> CompactAndMeasure(const std::string& directory) {
  StoreSize size;
  {
    ASSIGN_OR_RETURN(std::unique_ptr<OpenTables> tables,
                     OpenTableFiles(directory, /*read_only=*/false));
    for (rocksdb::ColumnFamilyHandle* family : tables->families) {
      RETURN_IF_ERROR(ToStatus(
          directory, tables->db->Flush(rocksdb::FlushOptions(), family)));
      rocksdb::CompactRangeOptions options;
      options.bottommost_level_compaction =
          rocksdb::BottommostLevelCompaction::kForceOptimized;
      RETURN_IF_ERROR(ToStatus(
          directory,
          tables->db->CompactRange(options, family, nullptr, nullptr)));
      ASSIGN_OR_RETURN(FamilySize measured,
                       MeasureFamily(directory, *tables, family));
      if (measured.file_bytes == 0) continue;
      size.table_bytes += measured.file_bytes;
      size.data_bytes += measured.data_bytes;
      size.families.push_back(std::move(measured));
    }
  }
  size.directory_bytes = DirectoryBytes(directory);
  return size;
}

}  // namespace headway::bench
