#include "daemon/messages/admin.h"

#include "absl/strings/str_cat.h"
#include "daemon/messages/timestamp.h"

namespace headway::messages {

v1::StoreStats ToProto(const store::StoreStats& stats) {
  v1::StoreStats proto;
  proto.set_format(stats.format);
  proto.set_series(stats.series);
  proto.set_commits(static_cast<int64_t>(stats.commits));
  if (stats.commits > 0) {
    *proto.mutable_oldest_recorded_at() = ToTimestamp(stats.oldest_recorded_at);
    *proto.mutable_newest_recorded_at() = ToTimestamp(stats.newest_recorded_at);
  }
  const store::EngineUsage& usage = stats.usage;
  int64_t table_bytes = 0, memory_bytes = 0;
  for (const store::EngineUsage::FamilyUsage& from : usage.families) {
    v1::StoreStats::Family* family = proto.add_families();
    family->set_name(from.name);
    family->set_bytes(static_cast<int64_t>(from.bytes));
    family->set_memory_bytes(static_cast<int64_t>(from.memory_bytes));
    family->set_keys(static_cast<int64_t>(from.estimated_keys));
    table_bytes += family->bytes();
    memory_bytes += family->memory_bytes();
  }
  proto.set_table_files(static_cast<int64_t>(usage.table_files));
  proto.set_table_bytes(table_bytes);
  proto.set_log_bytes(static_cast<int64_t>(usage.log_bytes));
  proto.set_kept_log_bytes(static_cast<int64_t>(usage.kept_log_bytes));
  proto.set_memory_bytes(memory_bytes);
  proto.set_cache_bytes(static_cast<int64_t>(usage.cache_bytes));
  proto.set_free_disk_bytes(static_cast<int64_t>(usage.free_disk_bytes));
  return proto;
}

v1::Backup ToProto(const store::Backup& backup) {
  v1::Backup proto;
  proto.set_name(absl::StrCat("backups/", backup.id));
  *proto.mutable_create_time() = ToTimestamp(backup.created_at);
  proto.set_commit(static_cast<int64_t>(backup.commit));
  if (backup.commit > 0) {
    *proto.mutable_recorded_at() = ToTimestamp(backup.recorded_at);
  }
  proto.set_continuous(backup.continuous);
  proto.set_format(backup.format);
  proto.set_headway_version(backup.headway_version);
  proto.set_bytes(static_cast<int64_t>(backup.bytes));
  proto.set_files(static_cast<int32_t>(backup.files));
  return proto;
}

void SetCounts(const store::VerifyCounts& counts,
               v1::VerifyStoreResponse* response) {
  response->set_problem_count(counts.problems);
  response->set_tables(counts.tables);
  response->set_commits(counts.commits);
  response->set_series(counts.series);
  response->set_blocks(counts.blocks);
  response->set_index_entries(counts.index_entries);
  response->set_records(counts.records);
  response->set_documents(counts.documents);
}

void SetCounts(const store::BackupCounts& counts,
               v1::VerifyBackupsResponse* response) {
  response->set_problem_count(counts.problems);
  response->set_backups(counts.backups);
  response->set_files(counts.files);
  response->set_journals(counts.journals);
}

}  // namespace headway::messages
