#include "daemon/pipeline/change_watcher.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/schedule/recovery.h"

namespace headway::pipeline {
namespace {

constexpr size_t kCommitsAtOnce = 1000;
// After an error.
constexpr absl::Duration kRetry = absl::Minutes(1);

std::set<std::string> PipelinesOf(const Definitions& definitions,
                                  const std::set<std::string>& indicators) {
  std::set<std::string> pipelines;
  for (const std::string& name : indicators) {
    const std::string& pipeline = definitions.indicators.at(name).pipeline;
    if (definitions.pipelines.at(pipeline).runs) pipelines.insert(pipeline);
  }
  return pipelines;
}

// Whether there is a series that the indicator uses, directly or by way of
// others.
bool HasSeries(const store::Reader& reader, const InputMap& map,
               const std::string& indicator) {
  const Inputs& inputs = map.at(indicator);
  return std::any_of(inputs.selectors.begin(), inputs.selectors.end(),
                     [&](const series::Selector& selector) {
                       const auto found = reader.SelectSeries(selector, 1);
                       return found.ok() && !found->empty();
                     }) ||
         std::any_of(inputs.indicators.begin(), inputs.indicators.end(),
                     [&](const std::string& used) {
                       return HasSeries(reader, map, used);
                     });
}

// Defined anew since it was last derived, and there is something to derive.
absl::StatusOr<bool> IsOutOfDate(const store::Reader& reader,
                                 const Definitions& definitions,
                                 const std::string& indicator) {
  ASSIGN_OR_RETURN(const std::optional<DerivedState> state,
                   ReadDerivedState(reader, indicator));
  if (state.has_value()) {
    return state->fingerprint !=
           definitions.indicators.at(indicator).fingerprint;
  }
  return HasSeries(reader, definitions.inputs, indicator);
}

}  // namespace

ChangeWatcher::ChangeWatcher(
    Clock* clock, store::Store* store, schedule::Ledger* ledger,
    schedule::Scheduler* scheduler,
    std::function<std::shared_ptr<const Definitions>()> definitions)
    : clock_(clock),
      store_(store),
      ledger_(ledger),
      scheduler_(scheduler),
      definitions_(std::move(definitions)),
      seen_(store->last_commit()) {}

ChangeWatcher::~ChangeWatcher() {
  subscription_.reset();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = wake_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void ChangeWatcher::CatchUp() {
  absl::MutexLock catching_up(&catch_up_mutex_);
  const absl::Status status = TryToCatchUp();
  if (!status.ok()) {
    Log(LogLevel::kError,
        "cannot look for what changed while nobody watched; trying again",
        {{"error", std::string(status.message())}});
  }
  absl::MutexLock lock(&mutex_);
  if (!status.ok() && !is_behind_) wake_ = true;
  is_behind_ = !status.ok();
}

absl::Status ChangeWatcher::TryToCatchUp() {
  const std::shared_ptr<const Definitions> definitions = definitions_();
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  store::Batch up_to_date;
  for (const auto& [name, pipeline] : definitions->pipelines) {
    if (!pipeline.runs) continue;
    ASSIGN_OR_RETURN(const auto derived, ReadDerivedCommit(*reader, name));
    std::vector<series::SeriesKey> changed;
    if (derived.has_value()) {
      ASSIGN_OR_RETURN(changed, ChangedSince(*reader, *derived));
    }
    const std::set<std::string> affected =
        AffectedBy(definitions->inputs, changed);
    bool due = PipelinesOf(*definitions, affected).count(name) > 0;
    for (const std::string& indicator : pipeline.indicators) {
      if (due || definitions->expressions.count(indicator) == 0) continue;
      if (!derived.has_value()) {
        // A new pipeline: its log of commits would be all of them.
        due = HasSeries(*reader, definitions->inputs, indicator);
      } else {
        ASSIGN_OR_RETURN(due, IsOutOfDate(*reader, *definitions, indicator));
      }
    }
    ASSIGN_OR_RETURN(const std::optional<v1::Run> last, ledger_->Latest(name));
    if (due && last.has_value() && schedule::IsParked(*last)) {
      // What ended the daemon would end it again, as soon as it has started.
      Log(LogLevel::kWarning,
          "not run on change, for its last run ended the daemon; run it by "
          "hand once the cause is mended",
          {{"pipeline", name}, {"run", last->name()}});
    } else if (due) {
      RETURN_IF_ERROR(scheduler_->Trigger(name, v1::Run::ON_CHANGE).status());
    } else if (!derived.has_value() || !changed.empty()) {
      // So that the next start need not look at them again.
      up_to_date.records.push_back(DerivedCommitRecord(name, reader->commit()));
    }
  }
  if (up_to_date.records.empty()) return absl::OkStatus();
  return store_->Commit(up_to_date).status();
}

void ChangeWatcher::Start() {
  // First, so that no commit falls between. Of every kind: the end of a run is
  // a commit of records alone.
  subscription_ = store_->Subscribe([this](const store::CommitNotice&) {
    absl::MutexLock lock(&mutex_);
    wake_ = true;
  });
  thread_ = std::thread([this] { Loop(); });
}

void ChangeWatcher::Loop() {
  bool is_behind = false;
  while (true) {
    if (is_behind) CatchUp();
    const absl::Status status = LookAtCommits();
    if (!status.ok()) {
      Log(LogLevel::kError, "cannot follow the changes in the store",
          {{"error", std::string(status.message())}});
    }
    absl::MutexLock lock(&mutex_);
    // After an error there need not be another commit.
    const absl::Time again = status.ok() && !is_behind_
                                 ? absl::InfiniteFuture()
                                 : clock_->Now() + kRetry;
    clock_->AwaitUntil(mutex_, absl::Condition(&wake_), again);
    if (stopping_) return;
    wake_ = false;
    is_behind = is_behind_;
  }
}

absl::StatusOr<bool> ChangeWatcher::IsUnderWay(const std::string& run) const {
  if (!schedule::ParseRunName(run).ok()) return false;  // a program that pushes
  const absl::StatusOr<v1::Run> found = ledger_->Get(run);
  if (absl::IsNotFound(found.status())) return false;
  if (absl::IsDataLoss(found.status())) {
    // It would never be seen to end.
    Log(LogLevel::kError, "the record of a run is damaged; it counts as ended",
        {{"error", std::string(found.status().message())}});
    return false;
  }
  RETURN_IF_ERROR(found.status());
  return !messages::HasEnded(*found);
}

absl::Status ChangeWatcher::LookAtCommits() {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  while (seen_ < reader->commit()) {
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> entries,
                     reader->ListChanges(seen_, kCommitsAtOnce));
    for (const store::CommitEntry& entry : entries) {
      changed_by_run_[entry.run].insert(entry.changed_series.begin(),
                                        entry.changed_series.end());
    }
    seen_ = entries.empty() ? reader->commit() : entries.back().commit;
  }
  for (auto it = changed_by_run_.begin(); it != changed_by_run_.end();) {
    // The end of a run is a commit too, and wakes us.
    ASSIGN_OR_RETURN(const bool under_way, IsUnderWay(it->first));
    if (under_way) {
      ++it;
      continue;
    }
    RETURN_IF_ERROR(QueueAffected(*reader, it->second, it->first));
    it = changed_by_run_.erase(it);
  }
  return absl::OkStatus();
}

absl::Status ChangeWatcher::QueueAffected(
    const store::Reader& reader, const std::set<store::SeriesId>& changed,
    const std::string& by_run) {
  const std::shared_ptr<const Definitions> definitions = definitions_();
  ASSIGN_OR_RETURN(const std::vector<series::SeriesKey> keys,
                   KeysOf(reader, changed));
  const absl::StatusOr<schedule::RunName> by = schedule::ParseRunName(by_run);
  for (const std::string& pipeline :
       PipelinesOf(*definitions, AffectedBy(definitions->inputs, keys))) {
    if (by.ok() && by->job == pipeline) continue;
    RETURN_IF_ERROR(scheduler_->Trigger(pipeline, v1::Run::ON_CHANGE).status());
  }
  return absl::OkStatus();
}

}  // namespace headway::pipeline
