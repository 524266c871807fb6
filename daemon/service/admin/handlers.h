// AdminService but for its streams (admin/transfer.h).
//
// Handlers as calls/methods.h describes them; proto/headway/v1/admin.proto says
// what each answers. Thread-safe.
#ifndef HEADWAY_DAEMON_SERVICE_ADMIN_HANDLERS_H_
#define HEADWAY_DAEMON_SERVICE_ADMIN_HANDLERS_H_

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "headway/v1/admin.pb.h"
#include "headway/v1/operation.pb.h"

namespace headway::service {

absl::StatusOr<v1::Health> GetHealth(const Parts& parts, const Call& call,
                                     const v1::GetHealthRequest& request);
absl::StatusOr<v1::StoreStats> GetStoreStats(
    const Parts& parts, const Call& call,
    const v1::GetStoreStatsRequest& request);
absl::StatusOr<v1::ListBackupsResponse> ListBackups(
    const Parts& parts, const Call& call,
    const v1::ListBackupsRequest& request);
absl::StatusOr<v1::DeleteBackupResponse> DeleteBackup(
    const Parts& parts, const Call& call,
    const v1::DeleteBackupRequest& request);

// These start operations, and return them at once.
absl::StatusOr<v1::Operation> VerifyStore(
    const Parts& parts, const Call& call,
    const v1::VerifyStoreRequest& request);
absl::StatusOr<v1::Operation> CompactStore(
    const Parts& parts, const Call& call,
    const v1::CompactStoreRequest& request);
absl::StatusOr<v1::Operation> CreateBackup(
    const Parts& parts, const Call& call,
    const v1::CreateBackupRequest& request);
absl::StatusOr<v1::Operation> VerifyBackups(
    const Parts& parts, const Call& call,
    const v1::VerifyBackupsRequest& request);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_ADMIN_HANDLERS_H_
