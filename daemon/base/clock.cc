#include "daemon/base/clock.h"

#include <sys/timex.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace headway {
namespace {

// At the waits of a clock, to end those that last too long.
constexpr std::chrono::milliseconds kBetweenLooks(250);

}  // namespace

absl::Time RealClock::Now() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  const bool was_wrong = now < latest_ - kMaxHeld;
  latest_ = was_wrong ? now : std::max(latest_, now);
  return latest_;
}

absl::Duration RealClock::Elapsed() {
  timespec time;
  // Fails for an unknown clock alone.
  clock_gettime(CLOCK_BOOTTIME, &time);
  return absl::DurationFromTimespec(time);
}

bool RealClock::IsSynchronised() {
  timex state = {};
  const int result = adjtimex(&state);
  return result >= 0 && result != TIME_ERROR &&
         (state.status & STA_UNSYNC) == 0;
}

bool RealClock::AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                           absl::Time deadline) {
  const absl::Duration ahead = deadline - absl::Now();
  if (condition.Eval() || ahead <= absl::ZeroDuration()) {
    return condition.Eval();
  }
  Waiter waiter = {&mutex, &condition,
                   Elapsed() + std::min(ahead, kLongestWait)};
  {
    absl::MutexLock lock(&waiters_mutex_);
    waiters_.insert(&waiter);
    if (!watcher_.joinable()) {
      watcher_ = std::thread([this] { WatchWaiters(); });
    }
  }
  mutex.AwaitWithDeadline(absl::Condition(&IsDone, &waiter), deadline);
  {
    absl::MutexLock lock(&waiters_mutex_);
    waiters_.erase(&waiter);
  }
  return condition.Eval();
}

RealClock::~RealClock() {
  stopping_ = true;
  std::thread watcher;
  {
    absl::MutexLock lock(&waiters_mutex_);
    watcher = std::move(watcher_);
  }
  if (watcher.joinable()) watcher.join();
}

void RealClock::WatchWaiters() {
  while (!stopping_) {
    // Not by Abseil's clock.
    std::this_thread::sleep_for(kBetweenLooks);
    absl::MutexLock lock(&waiters_mutex_);
    EndWaits();
  }
}

void RealClock::EndWaits() {
  const absl::Duration now = Elapsed();
  for (Waiter* waiter : waiters_) {
    // Whoever holds it may be the waiter, about to go: the next look comes
    // soon.
    if (waiter->end > now || !waiter->mutex->TryLock()) continue;
    waiter->is_over = true;
    waiter->mutex->Unlock();
  }
}

absl::Time SimulatedClock::Now() {
  absl::MutexLock lock(&mutex_);
  return now_;
}

bool SimulatedClock::AwaitUntil(absl::Mutex& mutex,
                                const absl::Condition& condition,
                                absl::Time deadline) {
  // The condition lives under the caller's mutex and the time under ours, so no
  // single absl::Condition covers both: look at each in turn in short slices of
  // real time. Only tests run on this clock.
  const absl::Duration end =
      Elapsed() + std::min(deadline - Now(), kLongestWait);
  while (!condition.Eval()) {
    if (Now() >= deadline || Elapsed() >= end) return false;
    mutex.AwaitWithTimeout(condition, absl::Milliseconds(1));
  }
  return true;
}

void SimulatedClock::AdvanceTo(absl::Time time) {
  absl::MutexLock lock(&mutex_);
  if (time <= now_) return;
  elapsed_ += time - now_;
  now_ = time;
}

absl::Duration SimulatedClock::Elapsed() {
  absl::MutexLock lock(&mutex_);
  return elapsed_;
}

bool SimulatedClock::IsSynchronised() {
  absl::MutexLock lock(&mutex_);
  return synchronised_;
}

void SimulatedClock::SetWallClock(absl::Time time) {
  absl::MutexLock lock(&mutex_);
  now_ = time;
}

void SimulatedClock::SetSynchronised(bool synchronised) {
  absl::MutexLock lock(&mutex_);
  synchronised_ = synchronised;
}

}  // namespace headway
