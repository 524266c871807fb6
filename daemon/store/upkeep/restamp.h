// Puts right what was stored while the clock was wrong.
//
// A clock that showed 2030 for a minute leaves commits that were recorded in
// 2030, and every commit after them, too, since recorded_at always rises; and
// it leaves vintages that nobody knows before 2030. Restamp moves all of that
// back by one distance, so that the first of these commits is recorded when it
// was made. What says more is heeded: no commit is recorded before a vintage of
// it was known.
//
// The series that these commits changed are taken back to how they stood before
// the first of them, and get their vintages again in the order of the commits:
// what was recorded before stays as it is, also under recorded_by. Of a vintage
// that several of these commits changed, all is recorded with the last.
//
// Many writes, one after another: a store that it was broken off in is lost. So
// work on a copy (RestoreOptions::revise). Functions; errors: NOT_FOUND if no
// commit was recorded after the instant, INVALID_ARGUMENT for instants that do
// not fit the commits, DATA_LOSS, those of the engine.
#ifndef HEADWAY_DAEMON_STORE_UPKEEP_RESTAMP_H_
#define HEADWAY_DAEMON_STORE_UPKEEP_RESTAMP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/types.h"

namespace headway::store {

struct RestampOptions {
  // What bears a later instant is wrong.
  absl::Time after;
  // When the first of these commits was made.
  absl::Time to;
  absl::Time now;
};

struct RestampPlan {
  // The commits that are recorded anew, and when each of them will be.
  CommitNumber first = 0;
  std::vector<absl::Time> recorded_at;
  // Those of the first and the last as they are now.
  absl::Time first_was;
  absl::Time last_was;
  // How far instants after `after` move back.
  absl::Time after;
  absl::Duration by;
  // Series that these commits changed, their vintages of these commits, and
  // those of them that were not known in time.
  std::vector<SeriesId> series;
  int64_t vintages = 0;
  int64_t vintages_known_late = 0;

  // An instant put right.
  absl::Time Right(absl::Time instant) const {
    return instant > after ? instant - by : instant;
  }
};

// Changes nothing.
absl::StatusOr<RestampPlan> PlanRestamp(const Engine& engine,
                                        const RestampOptions& options);

// `plan` is of this store. `right_run` gives the name that a run, by which a
// commit was made, has from now on.
absl::Status Restamp(
    const RestampPlan& plan,
    const std::function<std::string(const std::string&)>& right_run,
    Engine* engine);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_UPKEEP_RESTAMP_H_
