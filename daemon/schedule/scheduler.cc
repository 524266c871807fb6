#include "daemon/schedule/scheduler.h"

#include <algorithm>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/log.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/run_at_work.h"

namespace headway::schedule {
namespace {

// A slot served within this time is served, not caught up.
constexpr absl::Duration kOnTime = absl::Minutes(1);
// After the store refused a write, or the pool its work.
constexpr absl::Duration kRetry = absl::Minutes(1);

absl::Duration JitterOf(const Job& job) {
  const int64_t seconds = absl::ToInt64Seconds(job.schedule->jitter);
  if (seconds <= 0) return absl::ZeroDuration();
  return absl::Seconds(StableHash().Add(job.name).value() % (seconds + 1));
}

// What a slot record was taken under: slots of another schedule say nothing.
std::string Fingerprint(const Schedule& schedule) {
  return absl::StrCat(schedule.cron.text(), "|", schedule.zone.name(),
                      schedule.paused ? "|paused" : "");
}

std::string SlotKey(absl::string_view job) {
  return absl::StrCat("schedule/", job, "/slot");
}
std::string PausedKey(absl::string_view job) {
  return absl::StrCat("schedule/", job, "/paused");
}

store::Record StateRecord(std::string key, std::string value) {
  return {store::RecordKind::kState, std::move(key), std::move(value)};
}

store::Record SlotRecord(const Job& job, absl::Time slot) {
  return StateRecord(SlotKey(job.name),
                     absl::StrCat(absl::FormatTime(absl::RFC3339_full, slot,
                                                   absl::UTCTimeZone()),
                                  "\n", Fingerprint(*job.schedule)));
}

absl::StatusOr<std::optional<std::string>> ReadState(
    const store::Reader& reader, const std::string& key) {
  absl::StatusOr<std::string> value =
      reader.GetRecord(store::RecordKind::kState, key);
  if (absl::IsNotFound(value.status())) return std::nullopt;
  if (!value.ok()) return value.status();
  return *std::move(value);
}

// The newest slot in (after, until], looked for from the end: a job that fires
// every second may have been down for a year.
std::optional<absl::Time> NewestSlot(const Schedule& schedule, absl::Time after,
                                     absl::Time until) {
  absl::Duration span = absl::Minutes(1);
  absl::Time from = std::max(after, until - span);
  absl::Time slot = schedule.cron.NextAfter(from, schedule.zone);
  while (slot > until) {
    if (from == after) return std::nullopt;
    span *= 4;
    from = std::max(after, until - span);
    slot = schedule.cron.NextAfter(from, schedule.zone);
  }
  while (true) {
    const absl::Time next = schedule.cron.NextAfter(slot, schedule.zone);
    if (next > until) return slot;
    slot = next;
  }
}

struct JobState {
  Job job;
  // Every slot up to here has been served or skipped.
  absl::Time slot;
  bool paused = false;
  absl::Duration jitter;
};

}  // namespace

class Scheduler::Impl {
 public:
  Impl(Options options, Clock* clock, store::Store* store, Ledger* ledger,
       Execute execute, Spawn spawn)
      : options_(options),
        clock_(clock),
        store_(store),
        ledger_(ledger),
        execute_(std::move(execute)),
        spawn_(std::move(spawn)) {}

  absl::Status SetJobs(std::vector<Job> jobs);
  absl::Status Recover();
  absl::Time Poll();
  void Start();
  void Stop();
  absl::StatusOr<v1::Run> Trigger(absl::string_view job,
                                  v1::Run::Trigger trigger);
  absl::StatusOr<v1::Run> Cancel(absl::string_view run_name);
  absl::Status SetPaused(absl::string_view job, bool paused);
  absl::StatusOr<bool> IsPaused(absl::string_view job) const;
  absl::StatusOr<std::vector<absl::Time>> NextFireTimes(absl::string_view job,
                                                        int count) const;

 private:
  struct Waiting {
    v1::Run run;
    std::string job;
  };

  absl::StatusOr<JobState> LoadJob(const store::Reader& reader, Job job,
                                   store::Batch& batch);
  absl::StatusOr<const JobState*> FindJob(absl::string_view name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time ServeSlots(JobState& state, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time ServeEverySlot(JobState& state, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ServeSlot(JobState& state, absl::Time slot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SkipSlot(JobState& state, absl::Time slot,
                        absl::string_view reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A run that pulls is waiting or working.
  bool IsBusy(absl::string_view job) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsWorking(absl::string_view job) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StartWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StartOne(const Waiting& waiting)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CancelOrphans() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status EndWaiting(v1::Run& run, absl::string_view error)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work(RunAtWork& working);
  void Loop();
  bool HasNoWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return working_.empty();
  }

  const Options options_;
  Clock* const clock_;
  store::Store* const store_;
  Ledger* const ledger_;
  const Execute execute_;
  const Spawn spawn_;

  mutable absl::Mutex mutex_;
  std::map<std::string, JobState> jobs_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // first come, first
  std::map<std::string, std::shared_ptr<RunAtWork>> working_
      ABSL_GUARDED_BY(mutex_);  // by run name
  // Runs that have ended while the store refused to hear of it.
  std::list<v1::Run> unsaved_ ABSL_GUARDED_BY(mutex_);
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

absl::StatusOr<JobState> Scheduler::Impl::LoadJob(const store::Reader& reader,
                                                  Job job,
                                                  store::Batch& batch) {
  JobState state;
  state.slot = clock_->Now();
  if (job.schedule.has_value()) {
    state.jitter = JitterOf(job);
    ASSIGN_OR_RETURN(const auto paused, ReadState(reader, PausedKey(job.name)));
    state.paused =
        paused.has_value() ? *paused == "true" : job.schedule->paused;
    ASSIGN_OR_RETURN(const auto found, ReadState(reader, SlotKey(job.name)));
    const std::string record = found.value_or("");
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(record, absl::MaxSplits('\n', 1));
    const bool same_schedule = parts.second == Fingerprint(*job.schedule);
    std::string error;
    if (!same_schedule || !absl::ParseTime(absl::RFC3339_full, parts.first,
                                           &state.slot, &error)) {
      batch.records.push_back(SlotRecord(job, state.slot));
    }
  }
  state.job = std::move(job);
  return state;
}

absl::Status Scheduler::Impl::SetJobs(std::vector<Job> jobs) {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, JobState> loaded;
  store::Batch batch;
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  for (Job& job : jobs) {
    const std::string name = job.name;
    ASSIGN_OR_RETURN(loaded[name], LoadJob(*reader, std::move(job), batch));
  }
  if (!batch.records.empty()) RETURN_IF_ERROR(store_->Commit(batch).status());
  jobs_ = std::move(loaded);
  wake_ = true;
  return CancelOrphans();
}

absl::Status Scheduler::Impl::Recover() {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(std::vector<v1::Run> runs, ledger_->ListActive());
  std::list<Waiting> recovered;
  for (v1::Run& run : runs) {
    ASSIGN_OR_RETURN(RunName name, ParseRunName(run.name()));
    run.set_state(v1::Run::QUEUED);
    recovered.push_back({std::move(run), std::move(name.job)});
  }
  waiting_.splice(waiting_.begin(), recovered);
  wake_ = true;
  return CancelOrphans();
}

absl::Status Scheduler::Impl::CancelOrphans() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (jobs_.count(it->job) > 0) {
      ++it;
      continue;
    }
    RETURN_IF_ERROR(EndWaiting(
        it->run, absl::StrCat("pipeline \"", it->job,
                              "\" is no longer defined, or its definition "
                              "has errors")));
    it = waiting_.erase(it);
  }
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::EndWaiting(v1::Run& run,
                                         absl::string_view error) {
  run.set_state(v1::Run::CANCELLED);
  run.set_error(std::string(error));
  *run.mutable_end_time() = messages::ToTimestamp(clock_->Now());
  return ledger_->Update(run);
}

absl::StatusOr<const JobState*> Scheduler::Impl::FindJob(
    absl::string_view name) const {
  const auto it = jobs_.find(std::string(name));
  if (it != jobs_.end()) return &it->second;
  std::vector<std::string> names;
  for (const auto& [known, state] : jobs_) names.push_back(known);
  return absl::NotFoundError(
      absl::StrCat("there is no job \"", name, "\"", DidYouMean(name, names)));
}

bool Scheduler::Impl::IsBusy(absl::string_view job) const {
  const bool waits = std::any_of(
      waiting_.begin(), waiting_.end(),
      [&](const Waiting& w) { return w.job == job && Pulls(w.run); });
  return waits ||
         std::any_of(working_.begin(), working_.end(), [&](const auto& w) {
           return w.second->job() == job && w.second->pulls();
         });
}

bool Scheduler::Impl::IsWorking(absl::string_view job) const {
  return std::any_of(working_.begin(), working_.end(),
                     [&](const auto& w) { return w.second->job() == job; });
}

absl::Time Scheduler::Impl::Poll() {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::InfiniteFuture();
  const absl::Time now = clock_->Now();
  absl::Time next = absl::InfiniteFuture();
  for (auto& [name, state] : jobs_) {
    if (!state.job.schedule.has_value() || state.paused) continue;
    next = std::min(next, ServeSlots(state, now));
  }
  unsaved_.remove_if(
      [this](const v1::Run& run) { return ledger_->Update(run).ok(); });
  if (!unsaved_.empty()) next = std::min(next, now + kRetry);
  if (absl::Status status = StartWaiting(); !status.ok()) {
    Log(LogLevel::kError, "cannot start a run; trying again",
        {{"error", std::string(status.message())}});
    next = std::min(next, now + kRetry);
  }
  return next;
}

absl::Time Scheduler::Impl::ServeSlots(JobState& state, absl::Time now) {
  const Schedule& schedule = *state.job.schedule;
  if (schedule.catch_up == CatchUp::kAll) return ServeEverySlot(state, now);
  const std::optional<absl::Time> slot =
      NewestSlot(schedule, state.slot, now - state.jitter);
  if (slot.has_value()) {
    const bool late = now - (*slot + state.jitter) > kOnTime;
    absl::Status status;
    if (late && schedule.catch_up == CatchUp::kNone) {
      status = SkipSlot(state, *slot, "it was missed");
    } else if (IsBusy(state.job.name)) {
      status = SkipSlot(state, *slot, "the last run has not ended");
    } else {
      status = ServeSlot(state, *slot);
    }
    if (!status.ok()) return now + kRetry;
  }
  return schedule.cron.NextAfter(state.slot, schedule.zone) + state.jitter;
}

absl::Time Scheduler::Impl::ServeEverySlot(JobState& state, absl::Time now) {
  const Schedule& schedule = *state.job.schedule;
  const absl::Time window_start =
      now - schedule.catch_up_window - absl::Nanoseconds(1);
  const absl::Time slot = schedule.cron.NextAfter(
      std::max(state.slot, window_start), schedule.zone);
  if (slot + state.jitter > now) return slot + state.jitter;
  // The end of the run under way wakes the loop.
  if (IsBusy(state.job.name)) return absl::InfiniteFuture();
  if (!ServeSlot(state, slot).ok()) return now + kRetry;
  return absl::InfiniteFuture();
}

absl::Status Scheduler::Impl::ServeSlot(JobState& state, absl::Time slot) {
  absl::StatusOr<v1::Run> run = ledger_->Create(
      state.job.name, v1::Run::SCHEDULED, slot, {SlotRecord(state.job, slot)});
  if (!run.ok()) {
    Log(LogLevel::kError, "cannot write the run ledger; the slot waits",
        {{"pipeline", state.job.name},
         {"slot", absl::FormatTime(slot, absl::UTCTimeZone())},
         {"error", std::string(run.status().message())}});
    return run.status();
  }
  state.slot = slot;
  waiting_.push_back({*std::move(run), state.job.name});
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::SkipSlot(JobState& state, absl::Time slot,
                                       absl::string_view reason) {
  store::Batch batch;
  batch.records.push_back(SlotRecord(state.job, slot));
  RETURN_IF_ERROR(store_->Commit(batch).status());
  state.slot = slot;
  Log(LogLevel::kWarning, "slot skipped",
      {{"pipeline", state.job.name},
       {"slot", absl::FormatTime(slot, absl::UTCTimeZone())},
       {"reason", std::string(reason)}});
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::StartWaiting() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (static_cast<int>(working_.size()) >= options_.max_concurrent_runs) {
      return absl::OkStatus();
    }
    if (IsWorking(it->job)) {
      ++it;
      continue;
    }
    RETURN_IF_ERROR(StartOne(*it));
    it = waiting_.erase(it);
  }
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::StartOne(const Waiting& waiting) {
  auto working =
      std::make_shared<RunAtWork>(waiting.run, waiting.job, clock_, ledger_);
  v1::Run& run = working->run();
  run.set_state(v1::Run::RUNNING);
  // A run that is taken up again keeps the time of its first start.
  if (!run.has_start_time()) {
    *run.mutable_start_time() = messages::ToTimestamp(clock_->Now());
  }
  RETURN_IF_ERROR(working->Save());
  working_[run.name()] = working;
  absl::Status spawned = spawn_([this, working] {
    if (working->Begin()) Work(*working);
  });
  if (!spawned.ok()) working_.erase(run.name());
  return spawned;
}

void Scheduler::Impl::Work(RunAtWork& working) {
  execute_(working);
  v1::Run& run = working.run();
  const bool failed = !run.error().empty() ||
                      std::any_of(run.steps().begin(), run.steps().end(),
                                  [](const v1::RunStep& step) {
                                    return step.state() == v1::RunStep::FAILED;
                                  });
  bool ended = true;
  if (working.cancelled()) {
    run.set_state(v1::Run::CANCELLED);
  } else if (working.stopping()) {
    ended = false;  // the daemon stops: the next one takes it up
  } else {
    run.set_state(failed ? v1::Run::FAILED : v1::Run::SUCCEEDED);
  }
  if (ended) *run.mutable_end_time() = messages::ToTimestamp(clock_->Now());
  const absl::Status saved = working.Save();
  if (!saved.ok()) {
    Log(LogLevel::kError,
        "cannot write the end of a run to the ledger; trying again",
        {{"run", run.name()}, {"error", std::string(saved.message())}});
    working.Publish();
  }
  absl::MutexLock lock(&mutex_);
  if (!saved.ok() && ended) unsaved_.push_back(run);
  wake_ = true;
  working_.erase(run.name());
}

void Scheduler::Impl::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Scheduler::Impl::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      wake_ = false;
    }
    const absl::Time next = Poll();
    absl::MutexLock lock(&mutex_);
    clock_->AwaitUntil(mutex_, absl::Condition(&wake_), next);
  }
}

void Scheduler::Impl::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    wake_ = true;
    for (auto it = working_.begin(); it != working_.end();) {
      it->second->AskToStop();
      it = it->second->Abandon() ? working_.erase(it) : std::next(it);
    }
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Impl::HasNoWork));
}

absl::StatusOr<v1::Run> Scheduler::Impl::Trigger(absl::string_view job,
                                                 v1::Run::Trigger trigger) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  for (const Waiting& waiting : waiting_) {
    // Whatever a waiting run was queued for, it will see the change.
    if (waiting.job == job &&
        (trigger == v1::Run::ON_CHANGE || waiting.run.trigger() == trigger)) {
      return waiting.run;
    }
  }
  ASSIGN_OR_RETURN(v1::Run run,
                   ledger_->Create(state->job.name, trigger, std::nullopt, {}));
  waiting_.push_back({run, state->job.name});
  wake_ = true;
  return run;
}

absl::StatusOr<v1::Run> Scheduler::Impl::Cancel(absl::string_view run_name) {
  absl::MutexLock lock(&mutex_);
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (it->run.name() != run_name) continue;
    RETURN_IF_ERROR(EndWaiting(it->run, ""));
    v1::Run run = std::move(it->run);
    waiting_.erase(it);
    return run;
  }
  ASSIGN_OR_RETURN(v1::Run run, ledger_->Get(run_name));
  const auto working = working_.find(std::string(run_name));
  if (working == working_.end() || messages::HasEnded(run)) {
    return absl::FailedPreconditionError(
        absl::StrCat(run_name, " has ended already: it is ",
                     v1::Run::State_Name(run.state())));
  }
  working->second->Cancel();
  return run;
}

absl::Status Scheduler::Impl::SetPaused(absl::string_view job, bool paused) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* found, FindJob(job));
  if (!found->job.schedule.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("\"", job,
                     "\" has no schedule: it runs on request and on change "
                     "only, and there is nothing to pause or resume"));
  }
  if (found->paused == paused) return absl::OkStatus();
  JobState& state = jobs_[found->job.name];
  const absl::Time now = clock_->Now();
  store::Batch batch;
  batch.records.push_back(
      StateRecord(PausedKey(state.job.name), paused ? "true" : "false"));
  batch.records.push_back(SlotRecord(state.job, now));
  RETURN_IF_ERROR(store_->Commit(batch).status());
  state.paused = paused;
  state.slot = now;
  wake_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> Scheduler::Impl::IsPaused(absl::string_view job) const {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  return state->paused;
}

absl::StatusOr<std::vector<absl::Time>> Scheduler::Impl::NextFireTimes(
    absl::string_view job, int count) const {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  std::vector<absl::Time> times;
  if (!state->job.schedule.has_value() || state->paused) return times;
  absl::Time slot = std::max(state->slot, clock_->Now() - state->jitter);
  for (int i = 0; i < count; ++i) {
    slot = state->job.schedule->cron.NextAfter(slot, state->job.schedule->zone);
    times.push_back(slot + state->jitter);
  }
  return times;
}

Scheduler::Scheduler(Options options, Clock* clock, store::Store* store,
                     Ledger* ledger, Execute execute, Spawn spawn)
    : impl_(std::make_unique<Impl>(options, clock, store, ledger,
                                   std::move(execute), std::move(spawn))) {}
Scheduler::~Scheduler() { Stop(); }

absl::Status Scheduler::SetJobs(std::vector<Job> jobs) {
  return impl_->SetJobs(std::move(jobs));
}
absl::Status Scheduler::Recover() { return impl_->Recover(); }
absl::Time Scheduler::Poll() { return impl_->Poll(); }
void Scheduler::Start() { impl_->Start(); }
void Scheduler::Stop() { impl_->Stop(); }
absl::StatusOr<v1::Run> Scheduler::Trigger(absl::string_view job,
                                           v1::Run::Trigger trigger) {
  return impl_->Trigger(job, trigger);
}
absl::StatusOr<v1::Run> Scheduler::Cancel(absl::string_view run_name) {
  return impl_->Cancel(run_name);
}
absl::Status Scheduler::Pause(absl::string_view job) {
  return impl_->SetPaused(job, true);
}
absl::Status Scheduler::Resume(absl::string_view job) {
  return impl_->SetPaused(job, false);
}
absl::StatusOr<bool> Scheduler::IsPaused(absl::string_view job) const {
  return impl_->IsPaused(job);
}
absl::StatusOr<std::vector<absl::Time>> Scheduler::NextFireTimes(
    absl::string_view job, int count) const {
  return impl_->NextFireTimes(job, count);
}

}  // namespace headway::schedule
