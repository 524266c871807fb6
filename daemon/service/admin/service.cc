#include "daemon/service/admin/service.h"

#include "daemon/service/admin/handlers.h"
#include "daemon/service/admin/transfer.h"

namespace headway::service {

Methods AdminMethods() {
  Methods methods("AdminService");
  methods.Unary("GetHealth", GetHealth);
  methods.Unary("GetStoreStats", GetStoreStats);
  methods.Unary("VerifyStore", VerifyStore);
  methods.Unary("CompactStore", CompactStore);
  methods.Unary("CreateBackup", CreateBackup);
  methods.Unary("ListBackups", ListBackups);
  methods.Unary("VerifyBackups", VerifyBackups);
  methods.Unary("DeleteBackup", DeleteBackup);
  methods.Stream("ExportSeries", SeriesExport::Create, CallKind::kTransfer);
  methods.Upload("ImportSeries", SeriesImport::Create);
  return methods;
}

}  // namespace headway::service
