#include "daemon/pipeline/retention.h"

#include <memory>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/upkeep.h"

namespace headway::pipeline {
namespace {

constexpr size_t kRunsAtOnce = 50;

}  // namespace

Retention::Retention(absl::Duration keep_runs, Clock* clock,
                     store::Store* store, schedule::Ledger* ledger)
    : keep_runs_(keep_runs), clock_(clock), store_(store), ledger_(ledger) {}

absl::StatusOr<schedule::Ledger::Deletion> Retention::DeleteSome() {
  // Of all pipelines: those with a failure are few.
  ASSIGN_OR_RETURN(const std::vector<v1::StepFailure> failures,
                   ListFailures(*store_->NewReader(), ""));
  std::set<std::string> pointed_to;
  for (const v1::StepFailure& failure : failures) {
    pointed_to.insert(failure.run());
  }
  return ledger_->DeleteBefore(
      clock_->Now() - keep_runs_, after_, kRunsAtOnce,
      [&](const std::string& name) { return pointed_to.count(name) > 0; });
}

absl::Time Retention::DoSome() {
  const auto part = DeleteSome();
  if (!part.ok()) {
    Log(LogLevel::kError, "cannot delete old runs",
        {{"error", std::string(part.status().message())}});
    return clock_->Now() + kAfterAnError;
  }
  deleted_ += part->deleted;
  after_ = part->after;
  if (!after_.empty()) return clock_->Now() + kBetweenParts;
  if (deleted_ > 0) {
    Log(LogLevel::kInfo, "deleted old runs",
        {{"runs", absl::StrCat(deleted_)},
         {"older_than", absl::FormatDuration(keep_runs_)}});
  }
  deleted_ = 0;
  return clock_->Now() + kBetweenRounds;
}

}  // namespace headway::pipeline
