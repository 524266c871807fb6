// What there is to do while no run is at work: several things, each at its own
// times.
#ifndef HEADWAY_DAEMON_PIPELINE_UPKEEP_H_
#define HEADWAY_DAEMON_PIPELINE_UPKEEP_H_

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "daemon/base/clock.h"

namespace headway::pipeline {

// The pace of work that nobody waits for.
inline constexpr absl::Duration kBetweenParts = absl::Seconds(1);
inline constexpr absl::Duration kBetweenRounds = absl::Hours(24);
inline constexpr absl::Duration kAfterAnError = absl::Hours(1);

// Not thread-safe: the scheduler calls it, one call at a time.
class Upkeep {
 public:
  // Does a part of the work, and returns when to be called next.
  using DoSomeOfIt = std::function<absl::Time()>;

  // `clock` must outlive this.
  Upkeep(Clock* clock, std::vector<DoSomeOfIt> kinds) : clock_(clock) {
    for (DoSomeOfIt& kind : kinds) {
      kinds_.push_back({std::move(kind), absl::InfinitePast()});
    }
  }

  // Does a part of each kind that is due, and returns when to be called next.
  absl::Time DoSome() {
    absl::Time next = absl::InfiniteFuture();
    for (Kind& kind : kinds_) {
      if (kind.due <= clock_->Now()) kind.due = kind.do_some();
      next = std::min(next, kind.due);
    }
    return next;
  }

 private:
  struct Kind {
    DoSomeOfIt do_some;
    absl::Time due;
  };

  Clock* const clock_;
  std::vector<Kind> kinds_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_UPKEEP_H_
