#include "daemon/schedule/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"

namespace headway::schedule {
namespace {

// Three kinds of records share the table: the runs themselves by ID, and two
// indexes with empty values, of each job's runs and of those not yet ended.
constexpr absl::string_view kRunPrefix = "run/";
constexpr absl::string_view kJobPrefix = "job/";
constexpr absl::string_view kActivePrefix = "active/";
constexpr absl::string_view kIdFormat = "%E4Y%m%d-%H%M%E6S";

std::string RunKey(absl::string_view id) {
  return absl::StrCat(kRunPrefix, id);
}
std::string JobKeyPrefix(absl::string_view job) {
  return absl::StrCat(kJobPrefix, job, "/");
}
std::string ActiveKey(absl::string_view id) {
  return absl::StrCat(kActivePrefix, id);
}

store::Record RunRecord(std::string key, std::optional<std::string> value) {
  return {store::RecordKind::kRuns, std::move(key), std::move(value)};
}

// 20260305-063000.123456: sorts by time.
std::string FormatId(absl::Time time) {
  return absl::FormatTime(kIdFormat, time, absl::UTCTimeZone());
}

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || c == '-' || c == '.';
         });
}

absl::StatusOr<v1::Run> ReadRun(const store::Reader& reader,
                                absl::string_view id) {
  ASSIGN_OR_RETURN(std::string bytes,
                   reader.GetRecord(store::RecordKind::kRuns, RunKey(id)));
  v1::Run run;
  if (!run.ParseFromString(bytes)) {
    return absl::DataLossError(
        absl::StrCat("the ledger's record of run ", id,
                     " cannot be read; restore the store from a backup"));
  }
  return run;
}

}  // namespace

absl::StatusOr<RunName> ParseRunName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "pipelines" || parts[1].empty() ||
      parts[2] != "runs" || !IsId(parts[3])) {
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
                                      1, store::Order::kDescending));
    if (!newest.empty()) {
      const absl::string_view id =
          absl::StripPrefix(newest[0].first, kRunPrefix);
      std::string error;
      if (!absl::ParseTime(kIdFormat, id, absl::UTCTimeZone(), &last_id_time_,
                           &error)) {
        return absl::DataLossError(
            absl::StrCat("the ledger holds a malformed run ID \"", id, "\""));
      }
    }
  }
  last_id_time_ =
      std::max(absl::FromUnixMicros(absl::ToUnixMicros(clock_->Now())),
               last_id_time_ + absl::Microseconds(1));
  return FormatId(last_id_time_);
}

absl::StatusOr<v1::Run> Ledger::Create(absl::string_view job,
                                       v1::Run::Trigger trigger,
                                       std::optional<absl::Time> slot,
                                       std::vector<store::Record> records) {
  ASSIGN_OR_RETURN(const std::string id, NewId());
  v1::Run run;
  run.set_name(absl::StrCat("pipelines/", job, "/runs/", id));
  run.set_state(v1::Run::QUEUED);
  run.set_trigger(trigger);
  if (slot.has_value()) *run.mutable_slot_time() = messages::ToTimestamp(*slot);
  *run.mutable_create_time() = messages::ToTimestamp(clock_->Now());

  store::Batch batch;
  batch.records = std::move(records);
  batch.records.push_back(RunRecord(RunKey(id), run.SerializeAsString()));
  batch.records.push_back(
      RunRecord(absl::StrCat(JobKeyPrefix(job), id), std::string()));
  batch.records.push_back(RunRecord(ActiveKey(id), std::string()));
  RETURN_IF_ERROR(store_->Commit(batch).status());
  Notify(run);
  return run;
}

absl::Status Ledger::Update(const v1::Run& run) {
  ASSIGN_OR_RETURN(const RunName name, ParseRunName(run.name()));
  store::Batch batch;
  batch.records.push_back(RunRecord(RunKey(name.id), run.SerializeAsString()));
  if (messages::HasEnded(run)) {
    batch.records.push_back(RunRecord(ActiveKey(name.id), std::nullopt));
  }
  RETURN_IF_ERROR(store_->Commit(batch).status());
  {
    absl::MutexLock lock(&mutex_);
    published_.erase(run.name());
  }
  Notify(run);
  return absl::OkStatus();
}

void Ledger::Publish(const v1::Run& run) {
  {
    absl::MutexLock lock(&mutex_);
    published_[run.name()] = run;
  }
  Notify(run);
}

absl::StatusOr<v1::Run> Ledger::Newest(const store::Reader& reader,
                                       absl::string_view id) const {
  ASSIGN_OR_RETURN(v1::Run run, ReadRun(reader, id));
  if (messages::HasEnded(run)) return run;
  absl::MutexLock lock(&mutex_);
  const auto published = published_.find(run.name());
  return published == published_.end() ? run : published->second;
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

absl::StatusOr<std::vector<v1::Run>> Ledger::ListActive() const {
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  ASSIGN_OR_RETURN(auto records, reader->ScanRecords(store::RecordKind::kRuns,
                                                     kActivePrefix));
  std::vector<v1::Run> runs;
  for (const auto& [key, value] : records) {
    ASSIGN_OR_RETURN(runs.emplace_back(),
                     Newest(*reader, absl::StripPrefix(key, kActivePrefix)));
  }
  return runs;
}

absl::StatusOr<Ledger::Page> Ledger::List(const Query& query) const {
  if (!query.page_token.empty() && !IsId(query.page_token)) {
    return absl::InvalidArgumentError(
        absl::StrCat("page token \"", query.page_token,
                     "\" is not one that a listing of runs gave"));
  }
  const std::string prefix =
      query.job.empty() ? std::string(kRunPrefix) : JobKeyPrefix(query.job);
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  std::string after =
      query.page_token.empty() ? "" : absl::StrCat(prefix, query.page_token);
  Page page;
  while (true) {
    ASSIGN_OR_RETURN(
        auto records,
        reader->ScanRecords(store::RecordKind::kRuns, prefix, after,
                            query.page_size + 1, store::Order::kDescending));
    for (const auto& [key, value] : records) {
      ASSIGN_OR_RETURN(v1::Run run,
                       Newest(*reader, absl::StripPrefix(key, prefix)));
      if (query.state.has_value() && run.state() != *query.state) continue;
      if (query.trigger.has_value() && run.trigger() != *query.trigger) {
        continue;
      }
      if (page.runs.size() == query.page_size) {
        // There is at least one more: go on after the last that fitted.
        ASSIGN_OR_RETURN(const RunName last,
                         ParseRunName(page.runs.back().name()));
        page.next_page_token = last.id;
        return page;
      }
      page.runs.push_back(std::move(run));
    }
    if (records.size() <= query.page_size) return page;
    after = records.back().first;
  }
}

absl::StatusOr<std::optional<v1::Run>> Ledger::Latest(
    absl::string_view job) const {
  Query query;
  query.job = std::string(job);
  query.page_size = 1;
  ASSIGN_OR_RETURN(Page page, List(query));
  if (page.runs.empty()) return std::nullopt;
  return std::move(page.runs[0]);
}

void Ledger::Notify(const v1::Run& run) {
  absl::MutexLock lock(&listeners_mutex_);
  for (const auto& [id, listener] : listeners_) listener(run);
}

std::unique_ptr<Ledger::Subscription> Ledger::Subscribe(
    std::function<void(const v1::Run&)> listener) {
  absl::MutexLock lock(&listeners_mutex_);
  const int64_t id = next_listener_++;
  listeners_[id] = std::move(listener);
  return absl::WrapUnique(new Subscription(this, id));
}

Ledger::Subscription::~Subscription() {
  absl::MutexLock lock(&ledger_->listeners_mutex_);
  ledger_->listeners_.erase(id_);
}

}  // namespace headway::schedule
