// What the scheduler and the executor of runs say to each other.
//
// A run is done piece by piece. The executor does one piece and says which may
// come next; the scheduler chooses among those of all runs. Between two pieces
// a run holds no thread, so that one which waits for a publisher is in nobody's
// way.
#ifndef HEADWAY_DAEMON_SCHEDULE_WORK_H_
#define HEADWAY_DAEMON_SCHEDULE_WORK_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/store/store.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::schedule {

// The classes of work, each with places of its own.
enum class Resource { kPull, kDerive, kForecast };

struct Piece {
  // Every run begins with a piece of this class.
  Resource resource = Resource::kDerive;
  // Which one, where a run has several of a class. For the executor alone.
  std::string subject = {};
  // Only one piece at a time has to do with each of these.
  std::vector<std::string> hosts = {};
  absl::Time not_before = absl::InfinitePast();
};

// A run as its executor sees it. One thread at a time may use it, except for
// the const methods, which any thread may call.
class ActiveRun {
 public:
  virtual ~ActiveRun() = default;

  // The executor writes the steps; the scheduler writes state and times.
  virtual v1::Run& run() = 0;
  virtual absl::string_view job() const = 0;
  // Writes what changed of the run to the ledger, and `with` in the same
  // commit. ABORTED, and nothing is written, if another daemon has taken the
  // run over.
  virtual absl::Status Save(store::Batch with) = 0;
  // Shows the run to watchers without writing it.
  virtual void Publish() = 0;
  // What a commit that is made for the run must carry, so that none is made
  // after another daemon has taken the run over.
  virtual std::vector<store::RecordPrecondition> Preconditions() const = 0;
  // The run was cancelled or taken over, or the daemon is stopping: end soon.
  virtual bool stopping() const = 0;
};

// Does a piece of a run and returns those of which one may come next, the
// preferred ones first; none: the run is over. It has FAILED then if a step
// failed or `error` is set. Pieces that are left when the run was told to stop
// are done after the next start, unless it was cancelled.
using Execute =
    std::function<std::vector<Piece>(ActiveRun& run, const Piece& piece)>;

// Has `work` run soon on a thread that may block. Never calls it inline.
using Spawn = std::function<absl::Status(std::function<void()> work)>;

}  // namespace headway::schedule

#endif  // HEADWAY_DAEMON_SCHEDULE_WORK_H_
