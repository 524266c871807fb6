// Time, injected. Everything in Headway that asks for the time or waits for it
// does so through a Clock, so that tests and simulations drive years of
// schedule in seconds. All clocks are thread-safe.
#ifndef HEADWAY_DAEMON_BASE_CLOCK_H_
#define HEADWAY_DAEMON_BASE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace headway {

class Clock {
 public:
  virtual ~Clock() = default;

  // The present instant. It is never before one that an earlier call returned.
  virtual absl::Time Now() = 0;

  // Waits until `condition` holds or the clock reaches `deadline`, whichever is
  // first, and returns whether the condition holds. `mutex` is held by the
  // caller, released while waiting, and held again on return.
  virtual bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                          absl::Time deadline) = 0;
};

// The machine's clock. A step backwards of the machine's clock is not passed
// on: Now() stands still until real time has caught up.
class RealClock final : public Clock {
 public:
  absl::Time Now() override;
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Time deadline) override;

 private:
  absl::Mutex mutex_;
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// A clock that stands still until it is told to move.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time start) : now_(start) {}

  absl::Time Now() override;
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Time deadline) override;

  // Moves to `time`, which must not lie before Now(), and wakes the waiters
  // whose deadline has been reached.
  void AdvanceTo(absl::Time time);
  void Advance(absl::Duration duration) { AdvanceTo(Now() + duration); }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_CLOCK_H_
