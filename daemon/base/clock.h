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

  // The present instant by the wall clock. It is never before one that an
  // earlier call returned, unless the machine's clock was set back by more than
  // kMaxHeld.
  virtual absl::Time Now() = 0;

  // How long the machine has run, sleep included, since an instant of no
  // meaning: the same whatever is done to the wall clock. Never less than an
  // earlier call returned.
  virtual absl::Duration Elapsed() = 0;

  // Whether the machine says that a time server keeps its wall clock right.
  // False, too, if it cannot tell.
  virtual bool IsSynchronised() = 0;

  // Waits until `condition` holds or the clock reaches `deadline`, whichever is
  // first, and returns whether the condition holds. `mutex` is held by the
  // caller, released while waiting, and held again on return.
  virtual bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                          absl::Time deadline) = 0;
};

// A wall clock that is set back by no more than this stands still until it has
// caught up. One that is set back further was wrong, and is followed.
inline constexpr absl::Duration kMaxHeld = absl::Minutes(1);

// The machine's clock.
class RealClock final : public Clock {
 public:
  absl::Time Now() override;
  absl::Duration Elapsed() override;
  bool IsSynchronised() override;
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
  absl::Duration Elapsed() override;
  // True unless it was set otherwise.
  bool IsSynchronised() override;
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Time deadline) override;

  // Moves to `time`, which must not lie before Now(), and wakes the waiters
  // whose deadline has been reached.
  void AdvanceTo(absl::Time time);
  void Advance(absl::Duration duration) { AdvanceTo(Now() + duration); }
  // Sets the wall clock alone, back, too, as an operator or a wrong time server
  // would. No time passes.
  void SetWallClock(absl::Time time);
  void SetSynchronised(bool synchronised);

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Duration elapsed_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  bool synchronised_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_CLOCK_H_
