// Time, injected. Everything in Headway that asks for the time or waits for it
// does so through a Clock, so that tests and simulations drive years of
// schedule in seconds. All clocks are thread-safe.
#ifndef HEADWAY_DAEMON_BASE_CLOCK_H_
#define HEADWAY_DAEMON_BASE_CLOCK_H_

#include <atomic>
#include <set>
#include <thread>

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
  //
  // Ends before `deadline`, too: at the latest when as much time has passed as
  // the deadline lay ahead, though the clock was set back meanwhile, and after
  // kLongestWait. So wait in a loop that looks at the clock again.
  virtual bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                          absl::Time deadline) = 0;
};

// Of a deadline that is further away nobody knows that it was not made by a
// clock that has been set right since.
inline constexpr absl::Duration kLongestWait = absl::Hours(1);

// A wall clock that is set back by no more than this stands still until it has
// caught up. One that is set back further was wrong, and is followed.
inline constexpr absl::Duration kMaxHeld = absl::Minutes(1);

// The machine's clock.
class RealClock final : public Clock {
 public:
  RealClock() = default;
  // Nobody waits any more.
  ~RealClock() override;

  absl::Time Now() override;
  absl::Duration Elapsed() override;
  bool IsSynchronised() override;
  bool AwaitUntil(absl::Mutex& mutex, const absl::Condition& condition,
                  absl::Time deadline) override;

 private:
  // Abseil's waits follow the wall clock, and so would sleep for years if it is
  // set back by years. A thread ends those whose time has passed.
  struct Waiter {
    absl::Mutex* mutex;
    const absl::Condition* condition;
    // When to end at the latest, by Elapsed().
    absl::Duration end;
    // Guarded by *mutex.
    bool is_over = false;
  };
  static bool IsDone(Waiter* waiter) {
    return waiter->is_over || waiter->condition->Eval();
  }
  void WatchWaiters();
  void EndWaits() ABSL_EXCLUSIVE_LOCKS_REQUIRED(waiters_mutex_);

  absl::Mutex mutex_;
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();

  // Taken while a waiter's mutex is held; those who hold this one only try to
  // take a waiter's.
  absl::Mutex waiters_mutex_;
  std::set<Waiter*> waiters_ ABSL_GUARDED_BY(waiters_mutex_);
  std::thread watcher_ ABSL_GUARDED_BY(waiters_mutex_);
  std::atomic<bool> stopping_ = false;
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
