#include "daemon/schedule/recovery.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"

namespace headway::schedule {
namespace {

// Of the daemon, while a run was at work and got no further.
constexpr int kMostDeaths = 3;
constexpr size_t kCommitsAtOnce = 1000;

// Whether the run changed a series since the daemon began to work on it.
absl::StatusOr<bool> GotFurther(store::Store& store, const v1::Run& run) {
  const std::unique_ptr<store::Reader> reader = store.NewReader();
  auto after = static_cast<store::CommitNumber>(run.taken_up_at_commit());
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<store::CommitEntry> commits,
                     reader->ListChanges(after, kCommitsAtOnce));
    const bool found = std::any_of(commits.begin(), commits.end(),
                                   [&](const store::CommitEntry& entry) {
                                     return entry.run == run.name();
                                   });
    if (found || commits.size() < kCommitsAtOnce) return found;
    after = commits.back().commit;
  }
}

absl::Status Park(RunAtWork& run) {
  const int deaths = run.run().fruitless_resumptions();
  Log(LogLevel::kError, "run parked",
      {{"run", run.name()}, {"deaths", absl::StrCat(deaths)}});
  return run.SaveEnd(
      v1::Run::FAILED,
      absl::StrCat("the daemon died ", deaths,
                   " times while this run was at work and got no further, so "
                   "it is not taken up again; see the daemon's log for what "
                   "ended it, then run the pipeline anew"));
}

}  // namespace

bool IsParked(const v1::Run& run) {
  return run.state() == v1::Run::FAILED &&
         run.fruitless_resumptions() >= kMostDeaths;
}

absl::StatusOr<bool> TakeUp(store::Store& store, RunAtWork& run) {
  v1::Run& left = run.run();
  if (left.state() == v1::Run::WAITING) {
    run.phase = RunAtWork::Phase::kWaiting;
    run.next.front().not_before = messages::FromTimestamp(left.wake_time());
  }
  // A daemon that is asked to stop leaves none at work.
  if (left.state() != v1::Run::RUNNING) return true;
  left.set_resumptions(left.resumptions() + 1);
  ASSIGN_OR_RETURN(const bool got_further, GotFurther(store, left));
  left.set_fruitless_resumptions(
      got_further ? 0 : left.fruitless_resumptions() + 1);
  if (left.fruitless_resumptions() >= kMostDeaths) {
    RETURN_IF_ERROR(Park(run));
    return false;
  }
  left.set_state(v1::Run::QUEUED);
  RETURN_IF_ERROR(run.Save({}));
  return true;
}

}  // namespace headway::schedule
