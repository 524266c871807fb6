#include "daemon/schedule/scheduler.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"
#include "daemon/schedule/recovery.h"
#include "daemon/schedule/run_at_work.h"
#include "daemon/schedule/run_queue.h"

namespace headway::schedule {
namespace {

using Entry = RunQueue::Entry;
using Phase = RunAtWork::Phase;

// A slot served within this time is served, not caught up.
constexpr absl::Duration kOnTime = absl::Minutes(1);
// After the store refused a write, or the pool its work.
constexpr absl::Duration kRetry = absl::Minutes(1);

constexpr absl::string_view kNoJob =
    "is no longer defined, or its definition has errors";

}  // namespace

class Scheduler::Impl {
 public:
  Impl(const Options& options, Clock* clock, store::Store* store,
       Ledger* ledger, Execute execute, Spawn spawn)
      : clock_(clock),
        store_(store),
        ledger_(ledger),
        execute_(std::move(execute)),
        spawn_(std::move(spawn)),
        upkeep_(options.upkeep),
        queue_(options.max_concurrent_runs) {}

  absl::Status SetJobs(std::vector<Job> jobs);
  absl::Status Recover();
  absl::Time Poll();
  void Start();
  void Stop();
  absl::StatusOr<v1::Run> Trigger(absl::string_view job,
                                  v1::Run::Trigger trigger,
                                  absl::string_view request_id);
  absl::StatusOr<v1::Run> Cancel(absl::string_view run_name);
  absl::Status SetPaused(absl::string_view job, bool paused);
  absl::StatusOr<bool> IsPaused(absl::string_view job) const;
  absl::StatusOr<std::vector<absl::Time>> NextFireTimes(absl::string_view job,
                                                        int count) const;
  std::vector<LateSlot> LateSlots() const;

 private:
  absl::StatusOr<const JobState*> FindJob(absl::string_view name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entry MakeEntry(v1::Run run, std::string job) {
    return std::make_shared<RunAtWork>(std::move(run), std::move(job), clock_,
                                       store_, ledger_);
  }

  // ---- slots: each returns when there is more to do ----
  absl::Time ServeSlots(JobState& state, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time ServeEverySlot(JobState& state, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ServeSlot(JobState& state, absl::Time slot)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SkipSlot(JobState& state, absl::Time slot,
                        absl::string_view reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- what waits for the clock ----
  absl::Status LoadJobs(std::vector<Job> jobs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RecoverRuns() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Does what was put off, if anything was. Before all that writes.
  absl::Status MakeUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- runs ----
  absl::Status RecoverRun(v1::Run run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CancelOrphans() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SaveUnsaved() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status BeginPieces() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status BeginPiece(const Entry& entry, const Piece& piece)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // On the thread of the pool.
  void Work(const Entry& entry);
  // Returns when there is upkeep to do next.
  absl::Time BeginUpkeep(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Loop();
  bool HasNoWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !queue_.HasPieceAtWork() && !upkeep_at_work_;
  }

  Clock* const clock_;
  store::Store* const store_;
  Ledger* const ledger_;
  const Execute execute_;
  const Spawn spawn_;
  const std::function<absl::Time()> upkeep_;

  mutable absl::Mutex mutex_;
  std::map<std::string, JobState> jobs_ ABSL_GUARDED_BY(mutex_);
  RunQueue queue_ ABSL_GUARDED_BY(mutex_);
  // Runs that have ended while the store refused to hear of it.
  std::list<Entry> unsaved_ ABSL_GUARDED_BY(mutex_);
  // Not done, because the clock was in doubt.
  bool loading_put_off_ ABSL_GUARDED_BY(mutex_) = false;
  bool recovery_put_off_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_upkeep_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool upkeep_at_work_ ABSL_GUARDED_BY(mutex_) = false;
  bool wake_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

absl::Status Scheduler::Impl::SetJobs(std::vector<Job> jobs) {
  absl::MutexLock lock(&mutex_);
  return LoadJobs(std::move(jobs));
}

absl::Status Scheduler::Impl::LoadJobs(std::vector<Job> jobs) {
  std::map<std::string, JobState> loaded;
  store::Batch batch;
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  for (Job& job : jobs) {
    const std::string name = job.name;
    ASSIGN_OR_RETURN(loaded[name], JobState::Load(*reader, std::move(job),
                                                  clock_->Now(), batch));
  }
  if (!store_->CheckClock().ok()) {
    loading_put_off_ = true;
    jobs_ = std::move(loaded);
    return absl::OkStatus();
  }
  if (!batch.records.empty()) RETURN_IF_ERROR(store_->Commit(batch).status());
  jobs_ = std::move(loaded);
  loading_put_off_ = false;
  wake_ = true;
  return CancelOrphans();
}

absl::Status Scheduler::Impl::Recover() {
  absl::MutexLock lock(&mutex_);
  recovery_put_off_ = !store_->CheckClock().ok();
  return recovery_put_off_ ? absl::OkStatus() : RecoverRuns();
}

absl::Status Scheduler::Impl::MakeUp() {
  if (!loading_put_off_ && !recovery_put_off_) return absl::OkStatus();
  RETURN_IF_ERROR(store_->CheckClock());
  if (loading_put_off_) {
    std::vector<Job> jobs;
    for (const auto& [name, state] : jobs_) jobs.push_back(state.job());
    RETURN_IF_ERROR(LoadJobs(std::move(jobs)));
  }
  if (recovery_put_off_) {
    RETURN_IF_ERROR(RecoverRuns());
    recovery_put_off_ = false;
  }
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::RecoverRuns() {
  ASSIGN_OR_RETURN(std::vector<v1::Run> runs, ledger_->ListActive());
  for (v1::Run& run : runs) RETURN_IF_ERROR(RecoverRun(std::move(run)));
  wake_ = true;
  return CancelOrphans();
}

absl::Status Scheduler::Impl::RecoverRun(v1::Run run) {
  // By the try before, which another run made fail.
  if (queue_.Find(run.name()) != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(RunName name, ParseRunName(run.name()));
  const Entry entry = MakeEntry(std::move(run), std::move(name.job));
  ASSIGN_OR_RETURN(const bool goes_on, TakeUp(*store_, *entry));
  if (goes_on) queue_.runs().push_back(entry);
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::CancelOrphans() {
  for (auto it = queue_.runs().begin(); it != queue_.runs().end();) {
    RunAtWork& run = **it;
    if (jobs_.count(std::string(run.job())) > 0 || run.doing.has_value()) {
      ++it;
      continue;
    }
    RETURN_IF_ERROR(
        run.EndIdle(v1::Run::CANCELLED,
                    absl::StrCat("pipeline \"", run.job(), "\" ", kNoJob)));
    it = queue_.runs().erase(it);
  }
  return absl::OkStatus();
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

absl::Time Scheduler::Impl::Poll() {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::InfiniteFuture();
  const absl::Time now = clock_->Now();
  // Said by the guard, and by the daemon's health.
  if (!store_->CheckClock().ok()) return now + kRetry;
  if (absl::Status status = MakeUp(); !status.ok()) {
    Log(LogLevel::kError, "cannot take up what waited for the clock",
        {{"error", std::string(status.message())}});
    return now + kRetry;
  }
  absl::Time next = absl::InfiniteFuture();
  for (auto& [name, state] : jobs_) {
    if (!state.has_schedule() || state.paused()) continue;
    next = std::min(next, ServeSlots(state, now));
  }
  SaveUnsaved();
  if (!unsaved_.empty()) next = std::min(next, now + kRetry);
  if (absl::Status status = BeginPieces(); !status.ok()) {
    Log(LogLevel::kError, "cannot start a run; trying again",
        {{"error", std::string(status.message())}});
    next = std::min(next, now + kRetry);
  }
  for (const Entry& entry : queue_.runs()) {
    if (entry->doing.has_value()) next = std::min(next, entry->RenewLease());
  }
  next = std::min(next, BeginUpkeep(now));
  return std::min(next, queue_.NextDue(now));
}

absl::Time Scheduler::Impl::BeginUpkeep(absl::Time now) {
  if (!upkeep_ || upkeep_at_work_) return absl::InfiniteFuture();
  if (next_upkeep_ > now) return next_upkeep_;
  // The end of the last piece wakes the loop.
  if (queue_.HasPieceAtWork()) return absl::InfiniteFuture();
  const absl::Status spawned = spawn_([this] {
    const absl::Time next = upkeep_();
    absl::MutexLock lock(&mutex_);
    next_upkeep_ = next;
    upkeep_at_work_ = false;
    wake_ = true;
  });
  if (!spawned.ok()) return now + kRetry;
  upkeep_at_work_ = true;
  return absl::InfiniteFuture();
}

absl::Time Scheduler::Impl::ServeSlots(JobState& state, absl::Time now) {
  const Schedule& schedule = state.schedule();
  if (schedule.catch_up == CatchUp::kAll) return ServeEverySlot(state, now);
  const std::optional<absl::Time> slot =
      NewestSlot(schedule, state.slot(), now - state.jitter());
  if (slot.has_value()) {
    const bool late = now - (*slot + state.jitter()) > kOnTime;
    absl::Status status;
    if (late && schedule.catch_up == CatchUp::kNone) {
      status = SkipSlot(state, *slot, "it was missed");
    } else if (queue_.IsBusy(state.name())) {
      status = SkipSlot(state, *slot, "the last run has not ended");
    } else {
      status = ServeSlot(state, *slot);
    }
    if (!status.ok()) return now + kRetry;
  }
  return state.DueAfter(state.slot());
}

absl::Time Scheduler::Impl::ServeEverySlot(JobState& state, absl::Time now) {
  const absl::Time window_start =
      now - state.schedule().catch_up_window - absl::Nanoseconds(1);
  const absl::Time due = state.DueAfter(std::max(state.slot(), window_start));
  if (due > now) return due;
  // The end of the run under way wakes the loop.
  if (queue_.IsBusy(state.name())) return absl::InfiniteFuture();
  if (!ServeSlot(state, due - state.jitter()).ok()) return now + kRetry;
  return absl::InfiniteFuture();
}

absl::Status Scheduler::Impl::ServeSlot(JobState& state, absl::Time slot) {
  store::Batch batch;
  state.Take(slot, batch);
  absl::StatusOr<v1::Run> run =
      ledger_->Create(state.name(), v1::Run::SCHEDULED, slot, std::move(batch));
  if (!run.ok()) {
    Log(LogLevel::kError, "cannot write the run ledger; the slot waits",
        {{"pipeline", state.name()},
         {"slot", absl::FormatTime(slot, absl::UTCTimeZone())},
         {"error", std::string(run.status().message())}});
    return run.status();
  }
  state.Took(slot);
  queue_.runs().push_back(MakeEntry(*std::move(run), state.name()));
  return absl::OkStatus();
}

absl::Status Scheduler::Impl::SkipSlot(JobState& state, absl::Time slot,
                                       absl::string_view reason) {
  store::Batch batch;
  state.Take(slot, batch);
  RETURN_IF_ERROR(store_->Commit(batch).status());
  state.Took(slot);
  Log(LogLevel::kWarning, "slot skipped",
      {{"pipeline", state.name()},
       {"slot", absl::FormatTime(slot, absl::UTCTimeZone())},
       {"reason", std::string(reason)}});
  return absl::OkStatus();
}

void Scheduler::Impl::SaveUnsaved() {
  unsaved_.remove_if([](const Entry& entry) {
    return entry->SaveEnd(entry->run().state(), "").ok() || entry->lost();
  });
}

absl::Status Scheduler::Impl::BeginPieces() {
  const absl::Time now = clock_->Now();
  absl::Status first;
  // What is wrong with one run does not hold up those behind it.
  for (const Entry& entry : queue_.runs()) {
    const Piece* piece = queue_.NextPiece(*entry, now);
    if (piece != nullptr) first.Update(BeginPiece(entry, *piece));
  }
  queue_.runs().remove_if([](const Entry& entry) {
    return entry->lost() && !entry->doing.has_value();
  });
  return first;
}

// The thread first: a run is at work only if it has one. The thread cannot
// begin before this has returned and the lock is free.
absl::Status Scheduler::Impl::BeginPiece(const Entry& entry,
                                         const Piece& piece) {
  const auto claimed = std::make_shared<std::atomic<bool>>(false);
  RETURN_IF_ERROR(spawn_([this, entry, claimed] {
    if (!claimed->exchange(true)) Work(entry);
  }));
  queue_.Begin(*entry, piece);
  entry->claimed = claimed;
  if (entry->phase == Phase::kAtWork) return absl::OkStatus();
  if (absl::Status status = entry->SaveAtWork(); !status.ok()) {
    if (!claimed->exchange(true)) queue_.End(*entry);
    return status;
  }
  entry->phase = Phase::kAtWork;
  return absl::OkStatus();
}

void Scheduler::Impl::Work(const Entry& entry) {
  {
    absl::MutexLock lock(&mutex_);
    if (entry->phase != Phase::kAtWork) {
      queue_.End(*entry);  // it could not be written that the run is at work
      return;
    }
  }
  const std::vector<Piece> next = execute_(*entry, *entry->doing);
  absl::Status saved = entry->Settle(next);
  absl::MutexLock lock(&mutex_);
  queue_.End(*entry);
  wake_ = true;
  // Cancelled too late for Settle, and too early for Cancel to see it idle.
  if (!entry->lost() && entry->cancelled() &&
      !messages::HasEnded(entry->run())) {
    saved = entry->SaveEnd(v1::Run::CANCELLED, "");
  }
  if (entry->lost()) {
    Log(LogLevel::kWarning, "run left to the daemon that has taken it over",
        {{"run", entry->name()}});
    queue_.runs().remove(entry);
  } else if (messages::HasEnded(entry->run())) {
    queue_.runs().remove(entry);
    if (!saved.ok()) unsaved_.push_back(entry);
  } else {
    entry->next = next;
    const bool waits = entry->run().state() == v1::Run::WAITING;
    entry->phase = waits ? Phase::kWaiting : Phase::kAtWork;
  }
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
    for (const Entry& entry : queue_.runs()) {
      entry->Stop();
      if (entry->doing.has_value() && !entry->claimed->exchange(true)) {
        queue_.End(*entry);
      }
    }
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Impl::HasNoWork));
  for (const Entry& entry : queue_.runs()) entry->Rest();
}

absl::StatusOr<v1::Run> Scheduler::Impl::Trigger(absl::string_view job,
                                                 v1::Run::Trigger trigger,
                                                 absl::string_view request_id) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(MakeUp());
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  if (!request_id.empty()) {
    ASSIGN_OR_RETURN(std::optional<v1::Run> made,
                     ledger_->FindRequest(job, request_id));
    if (made.has_value()) return *std::move(made);
  }
  for (const Entry& entry : queue_.runs()) {
    // Whatever a queued run was queued for, it will see the change; one that is
    // taken up again may have derived before it.
    if (entry->job() != job || entry->phase != Phase::kQueued ||
        entry->run().has_start_time() ||
        (trigger != v1::Run::ON_CHANGE && entry->run().trigger() != trigger)) {
      continue;
    }
    if (!request_id.empty()) {
      RETURN_IF_ERROR(ledger_->NoteRequest(job, request_id, entry->run()));
    }
    return entry->run();
  }
  ASSIGN_OR_RETURN(v1::Run run, ledger_->Create(state->name(), trigger,
                                                std::nullopt, {}, request_id));
  queue_.runs().push_back(MakeEntry(run, state->name()));
  wake_ = true;
  return run;
}

absl::StatusOr<v1::Run> Scheduler::Impl::Cancel(absl::string_view run_name) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(MakeUp());
  const Entry entry = queue_.Find(run_name);
  if (entry != nullptr && !entry->doing.has_value()) {
    RETURN_IF_ERROR(entry->EndIdle(v1::Run::CANCELLED, ""));
    queue_.runs().remove(entry);
    wake_ = true;
    return entry->run();
  }
  ASSIGN_OR_RETURN(v1::Run run, ledger_->Get(run_name));
  if (entry == nullptr || messages::HasEnded(run)) {
    return absl::FailedPreconditionError(
        absl::StrCat(run_name, " has ended already: it is ",
                     v1::Run::State_Name(run.state())));
  }
  entry->Cancel();
  return run;
}

absl::Status Scheduler::Impl::SetPaused(absl::string_view job, bool paused) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(MakeUp());
  ASSIGN_OR_RETURN(const JobState* found, FindJob(job));
  if (!found->has_schedule()) {
    return absl::FailedPreconditionError(
        absl::StrCat("\"", job,
                     "\" has no schedule: it runs on request and on change "
                     "only, and there is nothing to pause or resume"));
  }
  if (found->paused() == paused) return absl::OkStatus();
  JobState& state = jobs_[found->name()];
  const absl::Time now = clock_->Now();
  store::Batch batch;
  state.SetPaused(paused, batch);
  state.Take(now, batch);
  RETURN_IF_ERROR(store_->Commit(batch).status());
  state.WasPaused(paused);
  state.Took(now);
  wake_ = true;
  return absl::OkStatus();
}

absl::StatusOr<bool> Scheduler::Impl::IsPaused(absl::string_view job) const {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  return state->paused();
}

absl::StatusOr<std::vector<absl::Time>> Scheduler::Impl::NextFireTimes(
    absl::string_view job, int count) const {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const JobState* state, FindJob(job));
  std::vector<absl::Time> times;
  if (!state->has_schedule() || state->paused()) return times;
  absl::Time slot = std::max(state->slot(), clock_->Now() - state->jitter());
  for (int i = 0; i < count; ++i) {
    times.push_back(state->DueAfter(slot));
    slot = times.back() - state->jitter();
  }
  return times;
}

std::vector<Scheduler::LateSlot> Scheduler::Impl::LateSlots() const {
  absl::MutexLock lock(&mutex_);
  const absl::Time late = clock_->Now() - kOnTime;
  std::vector<LateSlot> slots;
  for (const auto& [name, state] : jobs_) {
    if (!state.has_schedule() || state.paused()) continue;
    const absl::Time next = state.DueAfter(state.slot());
    if (next < late) slots.push_back({name, next});
  }
  return slots;
}

Scheduler::Scheduler(const Options& options, Clock* clock, store::Store* store,
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
                                           v1::Run::Trigger trigger,
                                           absl::string_view request_id) {
  return impl_->Trigger(job, trigger, request_id);
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
std::vector<Scheduler::LateSlot> Scheduler::LateSlots() const {
  return impl_->LateSlots();
}

}  // namespace headway::schedule
