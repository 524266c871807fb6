#include "daemon/base/clock.h"

#include <sys/timex.h>

#include <algorithm>
#include <ctime>

namespace headway {

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
  return mutex.AwaitWithDeadline(condition, deadline);
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
  while (!condition.Eval()) {
    if (Now() >= deadline) return false;
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
