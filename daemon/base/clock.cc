#include "daemon/base/clock.h"

#include <algorithm>

namespace headway {

absl::Time RealClock::Now() {
  absl::MutexLock lock(&mutex_);
  latest_ = std::max(latest_, absl::Now());
  return latest_;
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
  now_ = std::max(now_, time);
}

}  // namespace headway
