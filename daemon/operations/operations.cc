#include "daemon/operations/operations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/clock_guard.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/operation.h"
#include "daemon/messages/request_id.h"
#include "daemon/messages/timestamp.h"

namespace headway::operations {
namespace {

using messages::HasEnded;
using messages::WithReason;

constexpr size_t kReadAtOnce = 100;
// Work may report many times in a second.
constexpr absl::Duration kReportInterval = absl::Milliseconds(200);

absl::Status DaemonEnded() {
  return absl::UnavailableError(
      "the daemon ended while this was under way; start it again");
}

absl::Status ShuttingDown() {
  return absl::UnavailableError(
      "the daemon is shutting down; start this again when it is back");
}

}  // namespace

// An operation that has not ended. Members are guarded by the owner's mutex.
struct Entry {
  int64_t number = 0;
  v1::Operation operation;
  // Empty if it is attended.
  Work work;
  // Why it should stop; OK if it should not.
  absl::Status stop;
  // By Clock::Elapsed.
  absl::Duration last_shown = -absl::InfiniteDuration();
};

// ---- Control, Attended ----

absl::Status Control::CheckAlive() const {
  absl::MutexLock lock(&owner_->mutex_);
  return entry_->stop;
}

void Control::Report(std::optional<double> progress,
                     absl::string_view message) {
  v1::Operation shown;
  {
    absl::MutexLock lock(&owner_->mutex_);
    v1::Operation& operation = entry_->operation;
    if (progress.has_value()) {
      operation.set_progress(std::clamp(*progress, 0.0, 1.0));
    }
    operation.set_message(std::string(message));
    const absl::Duration now = owner_->clock_.Elapsed();
    if (now - entry_->last_shown < kReportInterval) return;
    entry_->last_shown = now;
    shown = operation;
  }
  owner_->listeners_.Tell(shown);
}

Attended::~Attended() {
  End(absl::CancelledError("given up before its end; start it again"), {});
}

void Attended::End(const absl::Status& status, const v1::Operation& done) {
  if (std::exchange(ended_, true)) return;
  control_.owner_->End(control_.entry_, status, done);
}

// ---- the start and the end of all ----

Operations::Operations(store::Store* store, Clock* clock,
                       const Options& options)
    : clock_(*clock),
      options_(options),
      log_(store),
      pool_({.threads = ThreadsOfAllLanes(), .niceness = kBackground}) {}

absl::StatusOr<std::unique_ptr<Operations>> Operations::Create(
    store::Store* store, Clock* clock, const Options& options) {
  std::unique_ptr<Operations> operations(new Operations(store, clock, options));
  RETURN_IF_ERROR(operations->Load());
  return operations;
}

absl::Status Operations::Load() {
  std::vector<EntryPtr> left;
  const std::unique_ptr<store::Reader> reader = log_.NewReader();
  absl::MutexLock lock(&mutex_);
  int64_t before = INT64_MAX;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<v1::Operation> some,
                     log_.ListBefore(*reader, before, kReadAtOnce));
    for (const v1::Operation& operation : some) {
      ASSIGN_OR_RETURN(before, ParseOperationName(operation.name()));
      kept_[before] = operation.request_id();
      if (!operation.request_id().empty()) {
        by_request_.emplace(operation.request_id(), before);
      }
      if (HasEnded(operation)) continue;
      auto entry = std::make_shared<Entry>();
      entry->number = before;
      entry->operation = operation;
      entry->operation = Ended(*entry, DaemonEnded(), {});
      left.push_back(std::move(entry));
    }
    if (some.size() < kReadAtOnce) break;
  }
  if (!kept_.empty()) last_number_ = kept_.rbegin()->first;
  return EndThoseLeft(left);
}

absl::Status Operations::EndThoseLeft(const std::vector<EntryPtr>& left) {
  if (left.empty()) return absl::OkStatus();
  std::vector<v1::Operation> ended;
  for (const EntryPtr& entry : left) ended.push_back(entry->operation);
  absl::Status written = log_.Write(ended, {});
  if (!IsClockInDoubt(written)) return written;
  // Known for as long as the daemon lives; Accept writes them once it can.
  Log(LogLevel::kWarning, "the end of operations cannot be stored",
      {{"operations", absl::StrCat(left.size())},
       {"error", std::string(written.message())}});
  for (const EntryPtr& entry : left) active_[entry->number] = entry;
  return absl::OkStatus();
}

Operations::~Operations() {
  const absl::Status status = Stop(absl::ZeroDuration());
  if (!status.ok()) {
    Log(LogLevel::kInfo, "waiting", {{"for", std::string(status.message())}});
  }
}

absl::Status Operations::Stop(absl::Duration grace) {
  std::list<EntryPtr> waiting;
  {
    absl::MutexLock accepting(&accepting_);
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
    for (const auto& [number, entry] : active_) {
      if (entry->stop.ok()) entry->stop = DaemonEnded();
    }
  }
  for (const EntryPtr& entry : waiting) End(entry, DaemonEnded(), {});
  absl::MutexLock lock(&mutex_);
  // Plugins and disks work in the machine's time.
  if (mutex_.AwaitWithTimeout(absl::Condition(this, &Operations::NothingRuns),
                              grace)) {
    return absl::OkStatus();
  }
  std::vector<std::string> names;
  for (const auto& [number, entry] : active_) {
    if (!entry->work) continue;
    names.push_back(absl::StrCat(
        entry->operation.name(), " (",
        messages::FormatOperationKind(entry->operation.kind()), ")"));
  }
  return absl::DeadlineExceededError(absl::StrCat(absl::StrJoin(names, ", "),
                                                  " still at work after ",
                                                  absl::FormatDuration(grace)));
}

bool Operations::NothingRuns() const {
  return std::all_of(running_.begin(), running_.end(),
                     [](const auto& lane) { return lane.second == 0; });
}

// ---- one from its start to its end ----

absl::StatusOr<std::optional<v1::Operation>> Operations::FindRequest(
    const Request& request) const {
  if (request.request_id.empty()) return std::nullopt;
  RETURN_IF_ERROR(messages::CheckRequestId(request.request_id));
  int64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = by_request_.find(request.request_id);
    if (found == by_request_.end()) return std::nullopt;
    number = found->second;
  }
  ASSIGN_OR_RETURN(v1::Operation operation, Get(FormatOperationName(number)));
  if (operation.kind() == request.kind &&
      operation.subject() == request.subject) {
    return operation;
  }
  return messages::FieldError(
      "request_id",
      absl::StrCat("\"", request.request_id, "\" is that of ", operation.name(),
                   " (", messages::FormatOperationKind(operation.kind()), " ",
                   operation.subject(), "); choose another for another call"));
}

absl::Status Operations::CheckLane(const Request& request) const {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return ShuttingDown();
  const Lane& lane = LaneOf(request.kind);
  if (lane.waits) {
    if (waiting_.size() < options_.max_waiting) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("too many operations wait (", waiting_.size(),
                     "); cancel some, or try again later"));
  }
  for (const auto& [number, entry] : active_) {
    const v1::Operation& other = entry->operation;
    if (&LaneOf(other.kind()) != &lane || HasEnded(other)) continue;
    return WithReason(
        absl::AbortedError(absl::StrCat(
            other.name(), " (", messages::FormatOperationKind(other.kind()),
            ") is under way already; wait until it has ended, or "
            "cancel it")),
        "ALREADY_UNDER_WAY", {{"operation", other.name()}});
  }
  return absl::OkStatus();
}

std::vector<v1::Operation> Operations::EndedUnwritten() const {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Operation> ended;
  for (const auto& [number, entry] : active_) {
    if (HasEnded(entry->operation)) ended.push_back(entry->operation);
  }
  return ended;
}

std::vector<int64_t> Operations::TooOld() const {
  absl::MutexLock lock(&mutex_);
  std::vector<int64_t> numbers;
  size_t count = kept_.size() + 1;
  for (const auto& [number, request_id] : kept_) {
    if (count <= options_.keep) break;
    if (active_.contains(number)) continue;
    numbers.push_back(number);
    --count;
  }
  return numbers;
}

absl::StatusOr<Operations::EntryPtr> Operations::Accept(
    const Request& request, v1::Operation::State state, Work work) {
  auto entry = std::make_shared<Entry>();
  {
    absl::MutexLock lock(&mutex_);
    entry->number = ++last_number_;
  }
  const google::protobuf::Timestamp now = messages::ToTimestamp(clock_.Now());
  v1::Operation& operation = entry->operation;
  operation.set_name(FormatOperationName(entry->number));
  operation.set_kind(request.kind);
  operation.set_subject(request.subject);
  operation.set_request_id(request.request_id);
  operation.set_state(state);
  *operation.mutable_create_time() = now;
  if (state == v1::Operation::RUNNING) *operation.mutable_start_time() = now;
  entry->work = std::move(work);
  const std::vector<int64_t> too_old = TooOld();
  std::vector<v1::Operation> written = EndedUnwritten();
  written.push_back(operation);
  {
    // Before others can read of it, so that whoever has read of it can cancel
    // it.
    absl::MutexLock lock(&mutex_);
    active_[entry->number] = entry;
  }
  absl::Status status = log_.Write(written, too_old);
  absl::MutexLock lock(&mutex_);
  if (!status.ok()) {
    active_.erase(entry->number);
    return status;
  }
  written.pop_back();
  for (const v1::Operation& ended : written) {
    ASSIGN_OR_RETURN(const int64_t number, ParseOperationName(ended.name()));
    active_.erase(number);
  }
  for (const int64_t number : too_old) {
    by_request_.erase(kept_[number]);
    kept_.erase(number);
  }
  kept_[entry->number] = request.request_id;
  if (!request.request_id.empty()) {
    by_request_[request.request_id] = entry->number;
  }
  return entry;
}

absl::StatusOr<v1::Operation> Operations::Start(const Request& request,
                                                Work work) {
  absl::MutexLock accepting(&accepting_);
  ASSIGN_OR_RETURN(std::optional<v1::Operation> known, FindRequest(request));
  if (known.has_value()) return *std::move(known);
  RETURN_IF_ERROR(CheckLane(request));
  ASSIGN_OR_RETURN(const EntryPtr entry,
                   Accept(request, v1::Operation::QUEUED, std::move(work)));
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(entry);
  Dispatch();
  return entry->operation;
}

absl::StatusOr<std::unique_ptr<Attended>> Operations::Attend(
    const Request& request) {
  absl::MutexLock accepting(&accepting_);
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return ShuttingDown();
  }
  ASSIGN_OR_RETURN(EntryPtr entry,
                   Accept(request, v1::Operation::RUNNING, nullptr));
  return std::unique_ptr<Attended>(
      new Attended(Control(this, std::move(entry))));
}

void Operations::Dispatch() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const EntryPtr entry = *it;
    const Lane& lane = LaneOf(entry->operation.kind());
    int& running = running_[&lane];
    // The pool has a thread for each that may run; should it be full all the
    // same, the turn comes when another one ends.
    if (running < lane.at_once &&
        pool_.Schedule([this, entry] { Run(entry); }).ok()) {
      ++running;
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
}

void Operations::Run(const EntryPtr& entry) {
  absl::Status status;
  v1::Operation shown;
  {
    absl::MutexLock lock(&mutex_);
    status = entry->stop;
    entry->operation.set_state(v1::Operation::RUNNING);
    *entry->operation.mutable_start_time() =
        messages::ToTimestamp(clock_.Now());
    shown = entry->operation;
  }
  listeners_.Tell(shown);
  v1::Operation done;
  Control control(this, entry);
  if (status.ok()) status = entry->work(control, &done);
  End(entry, status, done);
  absl::MutexLock lock(&mutex_);
  --running_[&LaneOf(entry->operation.kind())];
  Dispatch();
}

v1::Operation Operations::Ended(const Entry& entry, const absl::Status& status,
                                const v1::Operation& done) const {
  v1::Operation ended = entry.operation;
  *ended.mutable_end_time() = messages::ToTimestamp(clock_.Now());
  if (status.ok()) {
    ended.MergeFrom(done);
    ended.set_state(v1::Operation::SUCCEEDED);
    ended.set_progress(1);
    return ended;
  }
  // Whatever the work made of it, it is over because somebody asked for that.
  const absl::Status& why = entry.stop.ok() ? status : entry.stop;
  ended.set_state(absl::IsCancelled(why) ? v1::Operation::CANCELLED
                                         : v1::Operation::FAILED);
  *ended.mutable_error() = messages::ToProto(why);
  return ended;
}

void Operations::End(const EntryPtr& entry, const absl::Status& status,
                     const v1::Operation& done) {
  v1::Operation ended;
  {
    absl::MutexLock lock(&mutex_);
    ended = Ended(*entry, status, done);
  }
  const absl::Status written = log_.Write({ended}, {});
  {
    absl::MutexLock lock(&mutex_);
    if (written.ok()) {
      active_.erase(entry->number);
    } else {
      // For as long as the daemon lives.
      entry->operation = ended;
    }
  }
  if (!written.ok()) {
    Log(LogLevel::kError, "the end of an operation cannot be stored",
        {{"operation", ended.name()}, {"error", written.ToString()}});
  }
  Log(LogLevel::kInfo, "operation ended",
      {{"operation", ended.name()},
       {"kind", messages::FormatOperationKind(ended.kind())},
       {"subject", ended.subject()},
       {"state", messages::FormatOperationState(ended.state())},
       {"error", ended.error().message()}});
  listeners_.Tell(ended);
}

absl::StatusOr<v1::Operation> Operations::Cancel(absl::string_view name) {
  ASSIGN_OR_RETURN(const int64_t number, ParseOperationName(name));
  EntryPtr waited;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = active_.find(number);
    if (found != active_.end() && !HasEnded(found->second->operation)) {
      const EntryPtr& entry = found->second;
      if (entry->stop.ok()) {
        entry->stop = absl::CancelledError("cancelled by a call");
      }
      const auto turn = std::find(waiting_.begin(), waiting_.end(), entry);
      if (turn == waiting_.end()) return entry->operation;
      waited = entry;
      waiting_.erase(turn);
    }
  }
  if (waited) {
    End(waited, absl::CancelledError(), {});
    return Get(name);
  }
  ASSIGN_OR_RETURN(const v1::Operation operation, Get(name));
  return absl::FailedPreconditionError(
      absl::StrCat(name, " has ended: it ",
                   operation.state() == v1::Operation::CANCELLED
                       ? "was cancelled"
                       : messages::FormatOperationState(operation.state())));
}

// ---- reads ----

absl::StatusOr<v1::Operation> Operations::Get(absl::string_view name) const {
  ASSIGN_OR_RETURN(const int64_t number, ParseOperationName(name));
  {
    absl::MutexLock lock(&mutex_);
    const auto found = active_.find(number);
    if (found != active_.end()) return found->second->operation;
  }
  return log_.Get(number);
}

absl::StatusOr<Operations::Page> Operations::List(const Query& query) const {
  // Before the reader's view, which then has the end of those that end now.
  std::map<int64_t, v1::Operation> active;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [number, entry] : active_) {
      active[number] = entry->operation;
    }
  }
  const std::unique_ptr<store::Reader> reader = log_.NewReader();
  Page page;
  size_t bytes = 0;
  int64_t before = query.before;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<v1::Operation> some,
                     log_.ListBefore(*reader, before, kReadAtOnce));
    for (v1::Operation& operation : some) {
      ASSIGN_OR_RETURN(const int64_t number,
                       ParseOperationName(operation.name()));
      const auto newer = active.find(number);
      if (newer != active.end() && !HasEnded(operation)) {
        operation = std::move(newer->second);
      }
      const bool wanted =
          operation.state() == query.state.value_or(operation.state()) &&
          operation.kind() == query.kind.value_or(operation.kind());
      if (wanted) {
        bytes += operation.ByteSizeLong();
        if (page.operations.size() == query.page_size ||
            (!page.operations.empty() && bytes > query.page_bytes)) {
          page.before = before;
          return page;
        }
        page.operations.push_back(std::move(operation));
      }
      before = number;
    }
    if (some.size() < kReadAtOnce) return page;
  }
}

}  // namespace headway::operations
