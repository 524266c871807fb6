#include "daemon/pipeline/evaluations.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/definitions/dependencies.h"

namespace headway::pipeline {
namespace {

constexpr size_t kCommitsPerLookup = 1000;
// A waiter looks this often whether it is still waited for itself.
constexpr absl::Duration kBetweenChecks = absl::Milliseconds(10);

uint64_t HashOfPanel(const query::Panel& panel) {
  uint64_t hash = absl::HashOf(panel.unit.ToString());
  for (const query::LabelledColumn& column : panel.columns) {
    hash =
        absl::HashOf(hash, column.labels, column.observations.frequency,
                     column.observations.ordinals, column.observations.values);
  }
  return hash;
}

int64_t BytesOf(const query::Panel& panel) {
  // Of a column's labels and vectors, beside what they hold.
  constexpr int64_t kColumn = 256;
  constexpr int64_t kObservation = sizeof(int32_t) + sizeof(double);
  int64_t bytes = 0;
  for (const query::LabelledColumn& column : panel.columns) {
    bytes += kColumn +
             kObservation * static_cast<int64_t>(column.observations.size());
  }
  return bytes;
}

// The indicators that a commit touched.
std::set<std::string> TouchedBy(const store::Reader& reader,
                                const Definitions& definitions,
                                const store::CommitEntry& entry) {
  std::vector<series::SeriesKey> changed;
  for (store::SeriesId id : entry.changed_series) {
    absl::StatusOr<store::SeriesEntry> series = reader.GetSeries(id);
    // What a damaged series is of use to cannot be said: perhaps to all.
    if (!series.ok()) {
      std::set<std::string> all;
      for (const auto& [name, inputs] : definitions.inputs) all.insert(name);
      return all;
    }
    changed.push_back(std::move(series->info.key));
  }
  return AffectedBy(definitions.inputs, changed);
}

// Calls `touch` with each indicator and commit in (after, until].
absl::Status ForEachTouched(
    const store::Reader& reader, const Definitions& definitions,
    store::CommitNumber after, store::CommitNumber until,
    absl::FunctionRef<void(const std::string&, store::CommitNumber)> touch) {
  while (after < until) {
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> commits,
                     reader.ListChanges(after, kCommitsPerLookup));
    for (const store::CommitEntry& entry : commits) {
      if (entry.commit > until) return absl::OkStatus();
      for (const std::string& name : TouchedBy(reader, definitions, entry)) {
        touch(name, entry.commit);
      }
    }
    if (commits.empty()) return absl::OkStatus();
    after = commits.back().commit;
  }
  return absl::OkStatus();
}

// Whether the error says something of this call, and nothing of the expression.
bool Passes(const absl::Status& status) {
  return absl::IsCancelled(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsUnavailable(status);
}

}  // namespace

absl::StatusOr<absl::Time> NewestRecordedAt(const store::Reader& reader) {
  if (reader.commit() == 0) return absl::InfinitePast();
  ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> newest,
                   reader.ListCommits(reader.commit() - 1, 1));
  if (newest.empty()) return absl::InfinitePast();
  return newest.front().recorded_at;
}

Evaluations::Evaluations(
    const Options& options, store::Store* store,
    std::function<std::shared_ptr<const Definitions>()> definitions)
    : options_(options),
      store_(store),
      definitions_(std::move(definitions)),
      budget_("evaluations", options.working_bytes),
      since_(store->last_commit()),
      seen_(since_) {}

absl::Status Evaluations::CatchUp(const store::Reader& reader) {
  const std::shared_ptr<const Definitions> now = definitions_();
  if (now != in_force_) {
    for (auto& [name, entry] : entries_) {
      entry.result = nullptr;
      entry.bytes = 0;
    }
    kept_bytes_ = 0;
    in_force_ = now;
    reloaded_at_ = seen_;
  }
  if (seen_ >= reader.commit()) return absl::OkStatus();
  RETURN_IF_ERROR(ForEachTouched(
      reader, *now, seen_, reader.commit(),
      [this](const std::string& name, store::CommitNumber commit) {
        touched_[name] = commit;
      }));
  seen_ = reader.commit();
  return absl::OkStatus();
}

bool Evaluations::IsFresh(const std::string& indicator,
                          const Entry& entry) const {
  if (entry.result == nullptr) return false;
  if (entry.result->ok() && (**entry.result)->panel.depends_on_instant &&
      entry.commit < seen_) {
    return false;
  }
  const auto touched = touched_.find(indicator);
  return touched == touched_.end() || touched->second <= entry.commit;
}

absl::StatusOr<std::shared_ptr<const Evaluation>> Evaluations::Read(
    const std::string& indicator, const EvaluateOptions& options) {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  if (options.as_of != absl::InfiniteFuture()) {
    return Evaluate(*definitions_(), indicator, *reader, options);
  }
  if (options.recorded_by != absl::InfiniteFuture()) {
    const auto kept = FindKept(indicator, options.recorded_by);
    if (kept != nullptr) return kept;
    return Evaluate(*definitions_(), indicator, *reader, options);
  }
  std::shared_ptr<const Definitions> definitions;
  {
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(CatchUp(*reader));
    Entry& entry = entries_[indicator];
    while (true) {
      entry.last_use = ++uses_;
      if (IsFresh(indicator, entry)) return *entry.result;
      if (!entry.is_under_way) break;
      const auto is_idle = [&entry] { return !entry.is_under_way; };
      mutex_.AwaitWithTimeout(absl::Condition(&is_idle), kBetweenChecks);
      if (options.check_alive) RETURN_IF_ERROR(options.check_alive());
    }
    entry.is_under_way = true;
    definitions = in_force_;
  }
  Result result = Evaluate(*definitions, indicator, *reader, options);
  absl::MutexLock lock(&mutex_);
  entries_[indicator].is_under_way = false;
  // A reader of before the reload has not seen what the touched indicators of
  // now were touched by.
  if (definitions == in_force_ && reader->commit() >= reloaded_at_ &&
      (result.ok() || !Passes(result.status()))) {
    Keep(indicator, result, reader->commit());
  }
  return result;
}

Evaluations::Result Evaluations::Evaluate(const Definitions& definitions,
                                          const std::string& indicator,
                                          const store::Reader& reader,
                                          const EvaluateOptions& options) {
  if (definitions.expressions.count(indicator) == 0) {
    return absl::NotFoundError(
        absl::StrCat("there is no indicator \"", indicator, "\" any more"));
  }
  auto evaluation = std::make_shared<Evaluation>();
  ASSIGN_OR_RETURN(const absl::Time newest, NewestRecordedAt(reader));
  evaluation->recorded_by = std::min(newest, options.recorded_by);
  ASSIGN_OR_RETURN(
      evaluation->panel,
      EvaluateIndicator(definitions, indicator, reader, options, &budget_));
  evaluation->hash = HashOfPanel(evaluation->panel);
  return evaluation;
}

std::shared_ptr<const Evaluation> Evaluations::FindKept(
    const std::string& indicator, absl::Time recorded_by) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(indicator);
  if (found == entries_.end() || found->second.result == nullptr ||
      !found->second.result->ok() ||
      (**found->second.result)->recorded_by != recorded_by) {
    return nullptr;
  }
  return **found->second.result;
}

void Evaluations::Keep(const std::string& indicator, Result result,
                       store::CommitNumber commit) {
  Entry& entry = entries_[indicator];
  kept_bytes_ -= entry.bytes;
  entry.bytes = result.ok() ? BytesOf((*result)->panel) : 0;
  kept_bytes_ += entry.bytes;
  entry.commit = commit;
  entry.result = std::make_shared<const Result>(std::move(result));
  MakeRoom();
}

void Evaluations::MakeRoom() {
  while (kept_bytes_ > options_.kept_bytes) {
    Entry* oldest = nullptr;
    for (auto& [name, entry] : entries_) {
      if (entry.bytes == 0) continue;
      if (oldest == nullptr || entry.last_use < oldest->last_use) {
        oldest = &entry;
      }
    }
    if (oldest == nullptr) return;
    kept_bytes_ -= std::exchange(oldest->bytes, 0);
    oldest->result = nullptr;
  }
}

absl::StatusOr<std::set<std::string>> Evaluations::ChangedAfter(
    store::CommitNumber commit) {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  std::set<std::string> changed;
  const auto add = [&](const std::string& name, store::CommitNumber) {
    changed.insert(name);
  };
  // What was committed before the start is in the log alone.
  RETURN_IF_ERROR(
      ForEachTouched(*reader, *definitions_(), commit, since_, add));
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CatchUp(*reader));
  for (const auto& [name, last] : touched_) {
    if (last > commit) changed.insert(name);
  }
  return changed;
}

}  // namespace headway::pipeline
