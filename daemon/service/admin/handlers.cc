#include "daemon/service/admin/handlers.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/check_alive.h"
#include "daemon/base/status_macros.h"
#include "daemon/health/health.h"
#include "daemon/messages/admin.h"
#include "daemon/messages/errors.h"
#include "daemon/operations/operations.h"
#include "daemon/service/admin/maintenance.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/calls/paging.h"
#include "daemon/store/store.h"
#include "daemon/store/upkeep/compact.h"
#include "daemon/store/upkeep/stats.h"
#include "daemon/store/upkeep/verify.h"

namespace headway::service {
namespace {

using messages::AddProblem;
using messages::FieldError;
using messages::SetCounts;
using messages::ToProto;
using messages::WithReason;
using operations::Control;

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

CheckAlive AliveAs(const Control& control) {
  return [&control] { return control.CheckAlive(); };
}

// Adds problems to the result, and says how many there are.
template <typename Response>
store::ProblemSink SinkOf(Response* response, Control& control) {
  return
      [response, &control, count = 0](const store::Problem& problem) mutable {
        AddProblem(problem, response);
        ++count;
        control.Report(std::nullopt, absl::StrCat("problems found: ", count));
      };
}

int64_t TableBytes(const store::StoreStats& stats) {
  return ToProto(stats).table_bytes();
}

}  // namespace

absl::StatusOr<v1::Health> GetHealth(const Parts& parts, const Call& call,
                                     const v1::GetHealthRequest&) {
  return parts.health->Look(call.AliveCheck());
}

absl::StatusOr<v1::StoreStats> GetStoreStats(const Parts& parts, const Call&,
                                             const v1::GetStoreStatsRequest&) {
  ASSIGN_OR_RETURN(store::StoreStats stats, store::GetStats(*parts.store));
  v1::StoreStats proto = ToProto(stats);
  const std::optional<store::Backup> last = parts.maintenance->last_backup();
  if (last.has_value()) *proto.mutable_last_backup() = ToProto(*last);
  return proto;
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

absl::StatusOr<v1::DeleteBackupResponse> DeleteBackup(
    const Parts& parts, const Call&, const v1::DeleteBackupRequest& request) {
  ASSIGN_OR_RETURN(store::BackupId id, ParseBackupName(request.name()));
  RETURN_IF_ERROR(
      WithReasons(parts.maintenance->DeleteBackup(id), request.name()));
  return v1::DeleteBackupResponse();
}

// The work of an operation uses what the parts point to, and outlives the call
// and the parts.

absl::StatusOr<v1::Operation> VerifyStore(
    const Parts& parts, const Call&, const v1::VerifyStoreRequest& request) {
  return parts.operations->Start(
      {.kind = v1::Operation::VERIFY_STORE,
       .subject = "",
       .request_id = request.request_id()},
      [store = parts.store](Control& control,
                            v1::Operation* done) -> absl::Status {
        ASSIGN_OR_RETURN(
            const store::VerifyCounts counts,
            store::VerifyStore(*store,
                               SinkOf(done->mutable_verify_store(), control),
                               AliveAs(control)));
        SetCounts(counts, done->mutable_verify_store());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Operation> CompactStore(
    const Parts& parts, const Call&, const v1::CompactStoreRequest& request) {
  return parts.operations->Start(
      {.kind = v1::Operation::COMPACT_STORE,
       .subject = "",
       .request_id = request.request_id()},
      [store = parts.store](Control& control,
                            v1::Operation* done) -> absl::Status {
        ASSIGN_OR_RETURN(const store::StoreStats before,
                         store::GetStats(*store));
        RETURN_IF_ERROR(store::CompactStore(*store, AliveAs(control)));
        ASSIGN_OR_RETURN(const store::StoreStats after,
                         store::GetStats(*store));
        v1::CompactStoreResponse* result = done->mutable_compact_store();
        result->set_table_bytes_before(TableBytes(before));
        result->set_table_bytes_after(TableBytes(after));
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Operation> CreateBackup(
    const Parts& parts, const Call&, const v1::CreateBackupRequest& request) {
  RETURN_IF_ERROR(WithReasons(parts.maintenance->CheckDirectory()));
  return parts.operations->Start(
      {.kind = v1::Operation::CREATE_BACKUP,
       .subject = "",
       .request_id = request.request_id()},
      [maintenance = parts.maintenance](Control& control,
                                        v1::Operation* done) -> absl::Status {
        const absl::StatusOr<store::Backup> backup =
            maintenance->CreateBackup(AliveAs(control));
        if (!backup.ok()) return WithReasons(backup.status());
        *done->mutable_create_backup() = ToProto(*backup);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Operation> VerifyBackups(
    const Parts& parts, const Call&, const v1::VerifyBackupsRequest& request) {
  RETURN_IF_ERROR(WithReasons(parts.maintenance->CheckDirectory()));
  std::optional<store::BackupId> id;
  if (!request.name().empty()) {
    ASSIGN_OR_RETURN(id, ParseBackupName(request.name()));
  }
  return parts.operations->Start(
      {.kind = v1::Operation::VERIFY_BACKUPS,
       .subject = request.name(),
       .request_id = request.request_id()},
      [maintenance = parts.maintenance, id, name = request.name()](
          Control& control, v1::Operation* done) -> absl::Status {
        const absl::StatusOr<store::BackupCounts> counts =
            maintenance->VerifyBackups(
                id, SinkOf(done->mutable_verify_backups(), control),
                AliveAs(control));
        if (!counts.ok()) return WithReasons(counts.status(), name);
        SetCounts(*counts, done->mutable_verify_backups());
        return absl::OkStatus();
      });
}

}  // namespace headway::service
