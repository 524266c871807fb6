#include "daemon/schedule/run_at_work.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/run.h"
#include "daemon/messages/timestamp.h"

namespace headway::schedule {
namespace {

// One daemon has a store, and its successor may take up its runs at once.
constexpr absl::string_view kHolder = "headwayd";
constexpr absl::Duration kLease = absl::Hours(1);

std::string LeaseOf(absl::string_view run) { return absl::StrCat("run/", run); }

// Whether the run failed by itself, not by being told to stop.
bool HasFailed(const v1::Run& run) {
  return !run.error().empty() ||
         std::any_of(run.steps().begin(), run.steps().end(),
                     [](const v1::RunStep& step) {
                       return step.state() == v1::RunStep::FAILED;
                     });
}

// When the run goes on, if not before.
absl::Time WakeTime(const std::vector<Piece>& pieces) {
  absl::Time wake = absl::InfiniteFuture();
  for (const Piece& piece : pieces) wake = std::min(wake, piece.not_before);
  return wake;
}

}  // namespace

RunAtWork::RunAtWork(v1::Run run, std::string job, Clock* clock,
                     store::Store* store, Ledger* ledger)
    : run_(std::move(run)),
      name_(run_.name()),
      job_(std::move(job)),
      pulls_(Pulls(run_)),
      clock_(clock),
      store_(store),
      ledger_(ledger) {}

absl::Status RunAtWork::Judge(absl::Status status) {
  if (!absl::IsAborted(status)) return status;
  lost_ = true;
  return status;
}

std::vector<store::RecordPrecondition> RunAtWork::Preconditions() const {
  absl::MutexLock lock(&lease_mutex_);
  if (!lease_.has_value()) return {};
  return {lease_->Holds()};
}

absl::Status RunAtWork::Save(store::Batch with) {
  for (store::RecordPrecondition& condition : Preconditions()) {
    with.preconditions.push_back(std::move(condition));
  }
  return Judge(ledger_->Update(run_, std::move(with)));
}

absl::Status RunAtWork::SaveAtWork() {
  run_.set_state(v1::Run::RUNNING);
  run_.clear_wake_time();
  const std::unique_ptr<store::Reader> reader = store_->NewReader();
  // A run that is taken up again keeps the time of its first start.
  if (!run_.has_start_time()) {
    *run_.mutable_start_time() = messages::ToTimestamp(clock_->Now());
  }
  {
    absl::MutexLock lock(&lease_mutex_);
    if (!lease_.has_value()) {
      run_.set_taken_up_at_commit(static_cast<int64_t>(reader->commit()));
      store::Batch batch;
      ASSIGN_OR_RETURN(Lease lease,
                       Lease::Take(*reader, LeaseOf(name_), kHolder,
                                   clock_->Now(), kLease, batch));
      RETURN_IF_ERROR(Judge(ledger_->Update(run_, std::move(batch))));
      lease_ = std::move(lease);
      return absl::OkStatus();
    }
  }
  return Save({});
}

absl::Time RunAtWork::RenewLease() {
  absl::MutexLock lock(&lease_mutex_);
  const absl::Time now = clock_->Now();
  if (!lease_.has_value()) return absl::InfiniteFuture();
  if (lease_->expiry() - now > kLease / 2) {
    return lease_->expiry() - kLease / 2;
  }
  store::Batch batch;
  batch.preconditions.push_back(lease_->Holds());
  lease_->Renew(now, kLease, batch);
  const absl::Status status = Judge(store_->Commit(batch).status());
  if (!status.ok()) {
    Log(LogLevel::kWarning, "cannot renew the lease of a run",
        {{"run", name_}, {"error", std::string(status.message())}});
  }
  return now + kLease / 2;
}

absl::Status RunAtWork::SaveEnd(v1::Run::State state, absl::string_view error) {
  run_.set_state(state);
  run_.clear_wake_time();
  if (!error.empty()) run_.set_error(std::string(error));
  // Not the time of a second try.
  if (!run_.has_end_time()) {
    *run_.mutable_end_time() = messages::ToTimestamp(clock_->Now());
  }
  for (v1::RunStep& step : *run_.mutable_steps()) {
    if (messages::HasEnded(step)) continue;
    step.set_state(v1::RunStep::SKIPPED);
    step.clear_next_attempt_time();
    step.set_message(state == v1::Run::CANCELLED ? "the run was cancelled"
                                                 : "the run was broken off");
  }
  store::Batch batch;
  Lease::Forget(LeaseOf(name_), batch);
  return Save(std::move(batch));
}

absl::Status RunAtWork::EndIdle(v1::Run::State state, absl::string_view error) {
  v1::Run before = run_;
  absl::Status saved = SaveEnd(state, error);
  if (!saved.ok()) run_ = std::move(before);
  return saved;
}

absl::Status RunAtWork::Settle(const std::vector<Piece>& next) {
  const absl::Time wake = WakeTime(next);
  absl::Status saved;
  if (cancelled_) {
    saved = SaveEnd(v1::Run::CANCELLED, "");
  } else if (next.empty() || !run_.error().empty()) {
    saved = SaveEnd(HasFailed(run_) ? v1::Run::FAILED : v1::Run::SUCCEEDED, "");
  } else {
    if (wake > clock_->Now()) {
      run_.set_state(v1::Run::WAITING);
      *run_.mutable_wake_time() = messages::ToTimestamp(wake);
    } else if (stopping()) {
      run_.set_state(v1::Run::QUEUED);
    }
    saved = Save({});
  }
  if (!saved.ok() && !lost_) {
    Log(LogLevel::kError, "cannot write a run to the ledger; trying again",
        {{"run", name_}, {"error", std::string(saved.message())}});
    Publish();
  }
  return saved;
}

void RunAtWork::Rest() {
  if (run_.state() != v1::Run::RUNNING || lost_) return;
  run_.set_state(v1::Run::QUEUED);
  if (absl::Status status = Save({}); !status.ok()) {
    Log(LogLevel::kError, "cannot write that a run goes on after the restart",
        {{"run", name_}, {"error", std::string(status.message())}});
  }
}

}  // namespace headway::schedule
