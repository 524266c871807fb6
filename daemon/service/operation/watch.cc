#include "daemon/service/operation/watch.h"

#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/messages/operation.h"
#include "daemon/service/operation/handlers.h"

namespace headway::service {

absl::StatusOr<std::unique_ptr<StreamSource<v1::Operation>>>
OperationWatch::Create(const Parts& parts,
                       const v1::WatchOperationRequest& request) {
  return std::unique_ptr<StreamSource<v1::Operation>>(
      new OperationWatch(parts, request.name()));
}

absl::StatusOr<OperationWatch::Step> OperationWatch::Next() {
  if (ended_) return Step{.message = std::nullopt, .end = true};
  ASSIGN_OR_RETURN(v1::Operation operation, FindOperation(parts_, name_));
  std::string bytes = operation.SerializeAsString();
  if (bytes == sent_) return Step{};
  sent_ = std::move(bytes);
  ended_ = messages::HasEnded(operation);
  return Step{.message = std::move(operation), .end = false};
}

}  // namespace headway::service
