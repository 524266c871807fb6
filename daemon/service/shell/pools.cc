#include "daemon/service/shell/pools.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace headway::service {

CallPools::CallPools(std::map<CallKind, ThreadPool::Options> options)
    : options_(std::move(options)) {}

void CallPools::Start() {
  for (const auto& [kind, of] : options_) {
    pools_[kind] = std::make_unique<ThreadPool>(of);
  }
}

absl::Status CallPools::Schedule(CallKind kind, std::function<void()> work) {
  const absl::Status scheduled = pools_.at(kind)->Schedule(std::move(work));
  if (scheduled.ok()) return absl::OkStatus();
  return absl::Status(
      scheduled.code(),
      absl::StrCat(CallKindName(kind), " calls: ", scheduled.message()));
}

}  // namespace headway::service
