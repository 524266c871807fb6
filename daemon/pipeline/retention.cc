#include "daemon/pipeline/retention.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/source/limits.h"
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

DocumentRetention::DocumentRetention(
    Clock* clock, store::Store* store,
    std::function<std::shared_ptr<const Definitions>()> definitions)
    : clock_(clock), store_(store), definitions_(std::move(definitions)) {}

absl::Status DocumentRetention::LetGo() {
  const ingest::DocumentPolicy policy;
  const std::shared_ptr<const Definitions> definitions = definitions_();
  ASSIGN_OR_RETURN(const std::vector<std::string> sources,
                   store_->documents().ListSources());
  for (const std::string& source : sources) {
    if (definitions->sources.contains(source)) continue;
    ASSIGN_OR_RETURN(const store::RetentionResult gone,
                     store_->documents().Enforce(
                         source, {.not_before = clock_->Now() - policy.keep,
                                  .max_bytes = policy.keep_bytes}));
    if (gone.pulls == 0) continue;
    Log(LogLevel::kInfo, "deleted documents of a source that is not defined",
        {{"source", source},
         {"pulls", absl::StrCat(gone.pulls)},
         {"bytes", absl::StrCat(gone.bytes)}});
  }
  return absl::OkStatus();
}

absl::Time DocumentRetention::DoSome() {
  const absl::Status status = LetGo();
  if (status.ok()) return clock_->Now() + kBetweenRounds;
  Log(LogLevel::kError, "cannot delete documents of sources not defined",
      {{"error", std::string(status.message())}});
  return clock_->Now() + kAfterAnError;
}

}  // namespace headway::pipeline
