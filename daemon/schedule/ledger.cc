#include "daemon/schedule/ledger.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"

namespace headway::schedule {
namespace {

// Records read at once.
constexpr size_t kChunk = 200;

bool IsEnded(v1::Run::State state) {
  v1::Run run;
  run.set_state(state);
  return messages::HasEnded(run);
}

bool Fits(const Ledger::Query& query, v1::Run::State state,
          v1::Run::Trigger trigger) {
  return (!query.state.has_value() || *query.state == state) &&
         (!query.trigger.has_value() || *query.trigger == trigger);
}

}  // namespace

absl::StatusOr<RunName> ParseRunName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "pipelines" || parts[1].empty() ||
      parts[2] != "runs" || !IsRunId(parts[3])) {
    return absl::InvalidArgumentError(absl::StrCat(
        "run name \"", name, "\" is malformed; write pipelines/NAME/runs/ID"));
  }
  return RunName{std::string(parts[1]), std::string(parts[3])};
}

Ledger::Ledger(store::Store* store, Clock* clock)
    : store_(store), clock_(clock) {}

absl::StatusOr<std::string> Ledger::NewId() {
  // An ID of a wrong clock would make all that follow it wrong, too.
  RETURN_IF_ERROR(store_->CheckClock());
  absl::MutexLock lock(&mutex_);
  if (last_id_time_ == absl::InfinitePast()) {
    // The machine's clock may have been set back since the last run.
    ASSIGN_OR_RETURN(auto newest, store_->NewReader()->ScanRecords(
                                      store::RecordKind::kRuns, kRunPrefix, "",
                                      kChunk, store::Order::kDescending));
    for (const auto& [key, value] : newest) {
      const auto time = ParseRunId(absl::StripPrefix(key, kRunPrefix));
      if (time.has_value()) last_id_time_ = std::max(last_id_time_, *time);
    }
  }
  last_id_time_ =
      std::max(absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now())),
               last_id_time_ + absl::Microseconds(1));
  return FormatRunId(last_id_time_);
}

absl::StatusOr<v1::Run> Ledger::Create(absl::string_view job,
                                       v1::Run::Trigger trigger,
                                       std::optional<absl::Time> slot,
                                       store::Batch with,
                                       absl::string_view request_id) {
  ASSIGN_OR_RETURN(const std::string id, NewId());
  v1::Run run;
  run.set_name(absl::StrCat("pipelines/", job, "/runs/", id));
  run.set_state(v1::Run::QUEUED);
  run.set_trigger(trigger);
  if (slot.has_value()) *run.mutable_slot_time() = messages::ToTimestamp(*slot);
  *run.mutable_create_time() = messages::ToTimestamp(clock_->Now());
  run.set_request_id(std::string(request_id));

  RunBytes bytes = EncodeRun(run);
  with.records.push_back(RunRecord(RunKey(id), bytes.header));
  with.records.push_back(
      RunRecord(absl::StrCat(JobKeyPrefix(job), id), EncodeBrief(run)));
  with.records.push_back(RunRecord(ActiveKey(id), std::string()));
  if (!request_id.empty()) {
    with.records.push_back(RunRecord(RequestKey(job, request_id), id));
  }
  RETURN_IF_ERROR(store_->Commit(with).status());
  {
    absl::MutexLock lock(&mutex_);
    written_[id] = std::move(bytes);
  }
  listeners_.Tell(run);
  return run;
}

absl::StatusOr<RunBytes> Ledger::TakeWritten(const std::string& id) {
  {
    absl::MutexLock lock(&mutex_);
    const auto known = written_.extract(id);
    if (!known.empty()) return std::move(known.mapped());
  }
  return ReadRunBytes(*store_->NewReader(), id);
}

absl::Status Ledger::Update(const v1::Run& run, store::Batch with) {
  ASSIGN_OR_RETURN(const RunName name, ParseRunName(run.name()));
  ASSIGN_OR_RETURN(const RunBytes before, TakeWritten(name.id));
  RunBytes now = EncodeRun(run);
  if (now.header != before.header) {
    with.records.push_back(RunRecord(RunKey(name.id), now.header));
  }
  for (size_t i = 0; i < now.steps.size(); ++i) {
    if (i < before.steps.size() && now.steps[i] == before.steps[i]) continue;
    with.records.push_back(RunRecord(StepKey(name.id, i), now.steps[i]));
  }
  for (size_t i = now.steps.size(); i < before.steps.size(); ++i) {
    with.records.push_back(RunRecord(StepKey(name.id, i), std::nullopt));
  }
  const bool ended = messages::HasEnded(run);
  if (ended) {
    with.records.push_back(RunRecord(ActiveKey(name.id), std::nullopt));
    with.records.push_back(RunRecord(
        absl::StrCat(JobKeyPrefix(name.job), name.id), EncodeBrief(run)));
  }
  if (!with.records.empty()) RETURN_IF_ERROR(store_->Commit(with).status());
  {
    absl::MutexLock lock(&mutex_);
    published_.erase(run.name());
    if (!ended) written_[name.id] = std::move(now);
  }
  listeners_.Tell(run);
  return absl::OkStatus();
}

void Ledger::Publish(const v1::Run& run) {
  {
    absl::MutexLock lock(&mutex_);
    published_[run.name()] = run;
  }
  listeners_.Tell(run);
}

absl::StatusOr<v1::Run> Ledger::Newest(const store::Reader& reader,
                                       absl::string_view id) const {
  ASSIGN_OR_RETURN(v1::Run run, ReadRun(reader, id));
  if (messages::HasEnded(run)) return run;
  absl::MutexLock lock(&mutex_);
  const auto published = published_.find(run.name());
  return published == published_.end() ? run : published->second;
}

absl::StatusOr<std::optional<v1::Run>> Ledger::NewestIfReadable(
    const store::Reader& reader, absl::string_view id) const {
  absl::StatusOr<v1::Run> run = Newest(reader, id);
  if (run.ok()) return *std::move(run);
  // A run may be deleted while it is listed.
  if (absl::IsNotFound(run.status())) return std::nullopt;
  if (!absl::IsDataLoss(run.status())) return run.status();
  absl::MutexLock lock(&mutex_);
  if (unreadable_.insert(std::string(id)).second) {
    Log(LogLevel::kError, "a run is left out: its record cannot be read",
        {{"run", std::string(id)},
         {"error", std::string(run.status().message())}});
  }
  return std::nullopt;
}

std::set<std::string> Ledger::Unreadable() const {
  absl::MutexLock lock(&mutex_);
  return unreadable_;
}

absl::StatusOr<v1::Run> Ledger::Get(absl::string_view name) const {
  ASSIGN_OR_RETURN(const RunName parts, ParseRunName(name));
  absl::StatusOr<v1::Run> run = Newest(*store_->NewReader(), parts.id);
  const bool other_job = run.ok() && run->name() != name;
  if (other_job || absl::IsNotFound(run.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no run ", name,
                     "; list the runs of the pipeline for those there are"));
  }
  return run;
}

absl::StatusOr<std::optional<v1::Run>> Ledger::FindRequest(
    absl::string_view job, absl::string_view request_id) const {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(const std::optional<std::string> id,
                   reader->FindRecord(store::RecordKind::kRuns,
                                      RequestKey(job, request_id)));
  if (!id.has_value()) return std::nullopt;
  return NewestIfReadable(*reader, *id);
}

absl::Status Ledger::NoteRequest(absl::string_view job,
                                 absl::string_view request_id,
                                 const v1::Run& run) {
  ASSIGN_OR_RETURN(const RunName name, ParseRunName(run.name()));
  store::Batch batch;
  batch.records.push_back(RunRecord(RequestKey(job, request_id), name.id));
  return store_->Commit(batch).status();
}

absl::StatusOr<std::vector<v1::Run>> Ledger::ListActive() const {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(auto records, reader->ScanRecords(store::RecordKind::kRuns,
                                                     kActivePrefix));
  std::vector<v1::Run> runs;
  for (const auto& [key, value] : records) {
    ASSIGN_OR_RETURN(
        std::optional<v1::Run> run,
        NewestIfReadable(*reader, absl::StripPrefix(key, kActivePrefix)));
    if (run.has_value()) runs.push_back(*std::move(run));
  }
  return runs;
}

absl::StatusOr<Ledger::Page> Ledger::List(const Query& query) const {
  if (!query.page_token.empty() && !IsRunId(query.page_token)) {
    return absl::InvalidArgumentError(
        absl::StrCat("page token \"", query.page_token,
                     "\" is not one that a listing of runs gave"));
  }
  // Few runs are active, and those are known apart.
  const bool only_active = query.state.has_value() && !IsEnded(*query.state);
  const std::string prefix = only_active         ? std::string(kActivePrefix)
                             : query.job.empty() ? std::string(kRunPrefix)
                                                 : JobKeyPrefix(query.job);
  const std::string of_job = absl::StrCat("pipelines/", query.job, "/");
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  std::string after =
      query.page_token.empty() ? "" : absl::StrCat(prefix, query.page_token);
  Page page;
  size_t bytes = 0;
  while (true) {
    ASSIGN_OR_RETURN(auto records, reader->ScanRecords(
                                       store::RecordKind::kRuns, prefix, after,
                                       kChunk, store::Order::kDescending));
    for (const auto& [key, value] : records) {
      const auto brief = DecodeBrief(value);
      if (brief.has_value() && IsEnded(brief->state) &&
          !Fits(query, brief->state, brief->trigger)) {
        continue;
      }
      ASSIGN_OR_RETURN(
          std::optional<v1::Run> run,
          NewestIfReadable(*reader, absl::StripPrefix(key, prefix)));
      if (!run.has_value() || !Fits(query, run->state(), run->trigger())) {
        continue;
      }
      if (only_active && !query.job.empty() &&
          !absl::StartsWith(run->name(), of_job)) {
        continue;
      }
      bytes += run->ByteSizeLong();
      if (page.runs.size() == query.page_size ||
          (bytes > query.page_bytes && !page.runs.empty())) {
        // There is at least one more: go on after the last that fitted.
        ASSIGN_OR_RETURN(const RunName last,
                         ParseRunName(page.runs.back().name()));
        page.next_page_token = last.id;
        return page;
      }
      page.runs.push_back(*std::move(run));
    }
    if (records.size() < kChunk) return page;
    after = records.back().first;
  }
}

absl::StatusOr<std::optional<v1::Run>> Ledger::NewestThat(
    absl::string_view job,
    absl::FunctionRef<bool(v1::Run::State, v1::Run::Trigger)> wanted) const {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  const std::string prefix = JobKeyPrefix(job);
  std::string after;
  for (size_t at_once = 1;; at_once = kChunk) {
    ASSIGN_OR_RETURN(auto records, reader->ScanRecords(
                                       store::RecordKind::kRuns, prefix, after,
                                       at_once, store::Order::kDescending));
    for (const auto& [key, value] : records) {
      const auto brief = DecodeBrief(value);
      if (brief.has_value() && IsEnded(brief->state) &&
          !wanted(brief->state, brief->trigger)) {
        continue;
      }
      ASSIGN_OR_RETURN(
          std::optional<v1::Run> run,
          NewestIfReadable(*reader, absl::StripPrefix(key, prefix)));
      if (run.has_value() && wanted(run->state(), run->trigger())) return run;
    }
    if (records.size() < at_once) return std::nullopt;
    after = records.back().first;
  }
}

absl::StatusOr<std::optional<v1::Run>> Ledger::Latest(
    absl::string_view job) const {
  return NewestThat(job, [](v1::Run::State, v1::Run::Trigger) { return true; });
}

absl::StatusOr<std::optional<v1::Run>> Ledger::LatestPull(
    absl::string_view job) const {
  return NewestThat(job, [](v1::Run::State state, v1::Run::Trigger trigger) {
    return IsEnded(state) && trigger != v1::Run::ON_CHANGE;
  });
}

absl::StatusOr<Ledger::Deletion> Ledger::DeleteBefore(
    absl::Time before, const std::string& after, size_t at_once,
    absl::FunctionRef<bool(const std::string& name)> keeps) {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(auto records,
                   reader->ScanRecords(store::RecordKind::kRuns, kRunPrefix,
                                       after, at_once));
  Deletion done;
  store::Batch batch;
  std::set<std::string> deleted;
  for (const auto& [key, value] : records) {
    const std::string id(absl::StripPrefix(key, kRunPrefix));
    const std::optional<absl::Time> created = ParseRunId(id);
    if (created.has_value() && *created >= before) break;
    done.after = key;
    ASSIGN_OR_RETURN(const std::optional<v1::Run> run,
                     NewestIfReadable(*reader, id));
    if (!run.has_value() || !messages::HasEnded(*run) || keeps(run->name())) {
      continue;
    }
    ASSIGN_OR_RETURN(const RunName name, ParseRunName(run->name()));
    ASSIGN_OR_RETURN(const auto latest, Latest(name.job));
    ASSIGN_OR_RETURN(const auto pull, LatestPull(name.job));
    if ((latest.has_value() && latest->name() == run->name()) ||
        (pull.has_value() && pull->name() == run->name())) {
      continue;
    }
    batch.records.push_back(RunRecord(key, std::nullopt));
    batch.records.push_back(
        RunRecord(absl::StrCat(JobKeyPrefix(name.job), id), std::nullopt));
    deleted.insert(id);
    for (int i = 0; i < run->steps_size(); ++i) {
      batch.records.push_back(RunRecord(StepKey(id, i), std::nullopt));
    }
    ++done.deleted;
  }
  // The next round begins anew.
  if (records.size() < at_once || done.after != records.back().first) {
    done.after.clear();
  }
  if (deleted.empty()) return done;
  ASSIGN_OR_RETURN(
      const auto requests,
      reader->ScanRecords(store::RecordKind::kRuns, kRequestPrefix));
  for (const auto& [key, id] : requests) {
    if (deleted.count(id) > 0) {
      batch.records.push_back(RunRecord(key, std::nullopt));
    }
  }
  RETURN_IF_ERROR(store_->Commit(batch).status());
  return done;
}

}  // namespace headway::schedule
