#include "daemon/service/admin/service.h"

#include "daemon/service/admin/handlers.h"
#include "daemon/service/admin/transfer.h"

namespace headway::service {

Methods AdminMethods() {
  // An operation is written before the call returns.
  constexpr CallTraits kStarts = {.kind = CallKind::kWrite};
  Methods methods("AdminService");
  methods.Unary("GetHealth", GetHealth, {.kind = CallKind::kPlugin});
  methods.Unary("GetStoreStats", GetStoreStats);
  methods.Unary("VerifyStore", VerifyStore, kStarts);
  methods.Unary("CompactStore", CompactStore, kStarts);
  methods.Unary("CreateBackup", CreateBackup, kStarts);
  methods.Unary("ListBackups", ListBackups);
  methods.Unary("VerifyBackups", VerifyBackups, kStarts);
  methods.Unary("DeleteBackup", DeleteBackup, {.kind = CallKind::kWrite});
  methods.Stream("ExportSeries", SeriesExport::Create, CallKind::kTransfer);
  methods.Upload("ImportSeries", SeriesImport::Create);
  return methods;
}

}  // namespace headway::service
