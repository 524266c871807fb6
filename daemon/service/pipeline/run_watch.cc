#include "daemon/service/pipeline/run_watch.h"

#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/service/calls/names.h"
#include "daemon/service/pipeline/handlers.h"

namespace headway::service {

using messages::HasEnded;

absl::StatusOr<std::unique_ptr<StreamSource<v1::Run>>> RunWatch::Create(
    const Parts& parts, const v1::WatchRunRequest& request) {
  RETURN_IF_ERROR(ParseRunName("name", request.name()).status());
  return std::unique_ptr<StreamSource<v1::Run>>(
      new RunWatch(parts, request.name()));
}

absl::StatusOr<RunWatch::Step> RunWatch::Next() {
  if (ended_) return Step{.message = std::nullopt, .end = true};
  ASSIGN_OR_RETURN(v1::Run run, FindRun(parts_, "name", name_));
  std::string bytes = run.SerializeAsString();
  if (bytes == sent_) return Step{};
  sent_ = std::move(bytes);
  ended_ = HasEnded(run);
  return Step{.message = std::move(run), .end = false};
}

}  // namespace headway::service
