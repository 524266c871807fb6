// Tells when the wall clock must not be believed.
//
// What is decided by the time of day for good (recorded_at, a vintage that is
// known since now, the slot of a schedule) stays wrong for years if the clock
// was wrong for a minute. So whoever decides such a thing asks Check() first.
//
// The clock is doubted
//  - at the start, if it shows more than `max_gap` after the last commit. A
//    store that was really down for so long looks the same;
//  - later, if it ran ahead of the time that passed, by more than kMaxStep: it
//    was set forward, or the machine was stopped meanwhile.
// The doubt ends when the machine says that its clock is synchronised, when the
// clock is set right, and, for a step within `max_gap`, when the clock has kept
// to it for kSettled: what was wrong for a minute is waited out, and nobody has
// to help a machine that was stopped. A clock that is set back is believed.
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_BASE_CLOCK_GUARD_H_
#define HEADWAY_DAEMON_BASE_CLOCK_GUARD_H_

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"

namespace headway {

// Whether the status, or what it was made of, is what Check() says of a clock
// in doubt: it passes by itself, or an operator has to help.
bool IsClockInDoubt(const absl::Status& status);

class ClockGuard {
 public:
  // More than a leap second, a slewed correction or a pause of a virtual
  // machine for its backup makes.
  static constexpr absl::Duration kMaxStep = absl::Minutes(10);
  static constexpr absl::Duration kSettled = absl::Minutes(10);

  struct Options {
    absl::Duration max_gap = absl::Hours(24 * 30);
    // An operator says that the clock is right as the guard is made.
    bool accept_clock = false;
  };

  // `clock` must outlive the guard. `last_commit` is an instant that the clock
  // showed once; InfinitePast if there is none.
  ClockGuard(Clock* clock, const Options& options, absl::Time last_commit);

  // FAILED_PRECONDITION while the clock is doubted, with what it shows and what
  // to do. Takes no longer than two looks at the clock while it is not.
  absl::Status Check();

 private:
  // What the clock showed when it was last believed, and Elapsed() then, absent
  // before it was believed for the first time.
  struct Look {
    absl::Time wall;
    std::optional<absl::Duration> elapsed;
  };
  // A step that is doubted: how far, and since when.
  struct Doubt {
    absl::Duration step;
    absl::Duration since;
  };

  absl::Status CheckGap(const Look& now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckStep(const Look& now, absl::Duration step)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock* const clock_;
  const Options options_;
  absl::Mutex mutex_;
  Look believed_ ABSL_GUARDED_BY(mutex_);
  std::optional<Doubt> doubt_ ABSL_GUARDED_BY(mutex_);
  bool gap_said_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_CLOCK_GUARD_H_
