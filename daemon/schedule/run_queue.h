// The runs that have not ended, oldest first, and the places at which their
// pieces are done: which piece comes next.
//
// Not thread-safe: the scheduler's lock guards it.
#ifndef HEADWAY_DAEMON_SCHEDULE_RUN_QUEUE_H_
#define HEADWAY_DAEMON_SCHEDULE_RUN_QUEUE_H_

#include <list>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/schedule/places.h"
#include "daemon/schedule/run_at_work.h"

namespace headway::schedule {

class RunQueue {
 public:
  using Entry = std::shared_ptr<RunAtWork>;

  // `places` of each class.
  explicit RunQueue(int places) : places_(places) {}

  std::list<Entry>& runs() { return runs_; }
  const std::list<Entry>& runs() const { return runs_; }
  // Null if there is none of that name.
  Entry Find(absl::string_view name) const;

  // A run that pulls has not ended.
  bool IsBusy(absl::string_view job) const;
  bool HasPieceAtWork() const;

  // The piece of the run that can be done now; null if there is none. It points
  // into entry.next.
  const Piece* NextPiece(const RunAtWork& entry, absl::Time now) const;
  // When the first of the pieces is due that is not yet.
  absl::Time NextDue(absl::Time now) const;

  void Begin(RunAtWork& entry, const Piece& piece);
  // The piece is over, or was not begun.
  void End(RunAtWork& entry);

 private:
  // Whether a run that is not at work may be.
  bool MayBeAtWork(const RunAtWork& entry) const;

  std::list<Entry> runs_;
  Places places_;
};

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_RUN_QUEUE_H_
