#include "daemon/service/operation/service.h"

#include "daemon/service/operation/handlers.h"

namespace headway::service {

Methods OperationMethods() {
  Methods methods("OperationService");
  methods.Unary("GetOperation", GetOperation);
  methods.Unary("ListOperations", ListOperations);
  methods.Unary("CancelOperation", CancelOperation, {.kind = CallKind::kWrite});
  methods.Stream("WatchOperation", WatchOperation);
  return methods;
}

}  // namespace headway::service
