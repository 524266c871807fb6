#include "daemon/service/admin/handlers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/health/health.h"
#include "daemon/messages/admin.h"
#include "daemon/messages/errors.h"
#include "daemon/service/admin/maintenance.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/stats.h"

namespace headway::service {
namespace {

using messages::AddProblem;
using messages::FieldError;
using messages::SetCounts;
using messages::ToProto;
using messages::WithReason;

// Gives the errors of the maintenance reasons for programs.
absl::Status WithReasons(absl::Status status, const std::string& backup = "") {
  if (absl::IsNotFound(status)) {
    return WithReason(std::move(status), "BACKUP_NOT_FOUND",
                      {{"name", backup}});
  }
  if (absl::IsFailedPrecondition(status)) {
    return WithReason(std::move(status), "NO_BACKUP_DIRECTORY", {});
  }
  if (absl::IsAborted(status)) {
    return WithReason(std::move(status), "ALREADY_UNDER_WAY", {});
  }
  return status;
}

absl::StatusOr<store::BackupId> ParseBackupName(const std::string& name) {
  ASSIGN_OR_RETURN(std::string number, ParseName("name", "backups", name));
  store::BackupId id = 0;
  if (absl::SimpleAtoi(number, &id)) return id;
  return FieldError("name",
                    absl::StrCat("\"", name, "\" is not backups/NUMBER"));
}

Maintenance::CheckAlive AliveAs(const Call& call) {
  return [&call] { return call.CheckAlive(); };
}

int64_t TableBytes(const store::StoreStats& stats) {
  return ToProto(stats).table_bytes();
}

}  // namespace

absl::StatusOr<v1::Health> GetHealth(const Parts& parts, const Call&,
                                     const v1::GetHealthRequest&) {
  return parts.health->Look();
}

absl::StatusOr<v1::StoreStats> GetStoreStats(const Parts& parts, const Call&,
                                             const v1::GetStoreStatsRequest&) {
  ASSIGN_OR_RETURN(store::StoreStats stats, store::GetStats(*parts.store));
  v1::StoreStats proto = ToProto(stats);
  const std::optional<store::Backup> last = parts.maintenance->last_backup();
  if (last.has_value()) *proto.mutable_last_backup() = ToProto(*last);
  return proto;
}

absl::StatusOr<v1::VerifyStoreResponse> VerifyStore(
    const Parts& parts, const Call& call, const v1::VerifyStoreRequest&) {
  v1::VerifyStoreResponse response;
  const absl::StatusOr<store::VerifyCounts> counts = parts.maintenance->Verify(
      [&](const store::Problem& problem) { AddProblem(problem, &response); },
      AliveAs(call));
  if (!counts.ok()) return WithReasons(counts.status());
  SetCounts(*counts, &response);
  return response;
}

absl::StatusOr<v1::CompactStoreResponse> CompactStore(
    const Parts& parts, const Call& call, const v1::CompactStoreRequest&) {
  v1::CompactStoreResponse response;
  ASSIGN_OR_RETURN(store::StoreStats before, store::GetStats(*parts.store));
  RETURN_IF_ERROR(WithReasons(parts.maintenance->Compact(AliveAs(call))));
  ASSIGN_OR_RETURN(store::StoreStats after, store::GetStats(*parts.store));
  response.set_table_bytes_before(TableBytes(before));
  response.set_table_bytes_after(TableBytes(after));
  return response;
}

absl::StatusOr<v1::Backup> CreateBackup(const Parts& parts, const Call& call,
                                        const v1::CreateBackupRequest&) {
  const absl::StatusOr<store::Backup> backup =
      parts.maintenance->CreateBackup(AliveAs(call));
  if (!backup.ok()) return WithReasons(backup.status());
  return ToProto(*backup);
}

absl::StatusOr<v1::ListBackupsResponse> ListBackups(
    const Parts& parts, const Call&, const v1::ListBackupsRequest& request) {
  ASSIGN_OR_RETURN(Page page, ParsePage(request.page_size(),
                                        request.page_token(), "ListBackups"));
  const absl::StatusOr<std::vector<store::Backup>> backups =
      parts.maintenance->ListBackups();
  if (!backups.ok()) return WithReasons(backups.status());
  // The cursor is the last number.
  store::BackupId after = 0;
  if (!page.cursor.empty() && !absl::SimpleAtoi(page.cursor, &after)) {
    return FieldError("page_token", "is not one that ListBackups gave");
  }
  v1::ListBackupsResponse response;
  for (const store::Backup& backup : *backups) {
    if (backup.id <= after) continue;
    if (static_cast<size_t>(response.backups_size()) == page.size) {
      response.set_next_page_token(
          MakeToken("ListBackups", absl::StrCat(after)));
      break;
    }
    *response.add_backups() = ToProto(backup);
    after = backup.id;
  }
  return response;
}

absl::StatusOr<v1::VerifyBackupsResponse> VerifyBackups(
    const Parts& parts, const Call& call,
    const v1::VerifyBackupsRequest& request) {
  std::optional<store::BackupId> id;
  if (!request.name().empty()) {
    ASSIGN_OR_RETURN(id, ParseBackupName(request.name()));
  }
  v1::VerifyBackupsResponse response;
  const absl::StatusOr<store::BackupCounts> counts =
      parts.maintenance->VerifyBackups(
          id,
          [&](const store::Problem& problem) {
            AddProblem(problem, &response);
          },
          AliveAs(call));
  if (!counts.ok()) return WithReasons(counts.status(), request.name());
  SetCounts(*counts, &response);
  return response;
}

absl::StatusOr<v1::DeleteBackupResponse> DeleteBackup(
    const Parts& parts, const Call&, const v1::DeleteBackupRequest& request) {
  ASSIGN_OR_RETURN(store::BackupId id, ParseBackupName(request.name()));
  RETURN_IF_ERROR(
      WithReasons(parts.maintenance->DeleteBackup(id), request.name()));
  return v1::DeleteBackupResponse();
}

}  // namespace headway::service
