#include "daemon/service/operation/service.h"

#include "daemon/service/operation/handlers.h"
#include "daemon/service/operation/watch.h"

namespace headway::service {

Methods OperationMethods() {
  Methods methods("OperationService");
  methods.Unary("GetOperation", GetOperation);
  methods.Unary("ListOperations", ListOperations);
  methods.Unary("CancelOperation", CancelOperation, {.kind = CallKind::kWrite});
  methods.Stream("WatchOperation", OperationWatch::Create);
  return methods;
}

}  // namespace headway::service
