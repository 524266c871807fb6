// The values of indicators as of now, evaluated once for each state of the
// store and shared by everybody who asks: lists, reads, watches, pages and
// forecasts.
//
// An evaluation holds until a commit touches a series that the indicator uses,
// directly or by way of others, or the definitions are read again; one that
// follows from the instant of the answer (age, fill to what is known) until any
// commit. Callers that
// ask for the same indicator at once wait for one evaluation. What is kept is
// bounded in bytes; the evaluations asked for longest ago go first.
#ifndef HEADWAY_DAEMON_PIPELINE_EVALUATIONS_H_
#define HEADWAY_DAEMON_PIPELINE_EVALUATIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/memory_budget.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

// Immutable.
struct Evaluation {
  query::Panel panel;
  // Evaluating with this recorded_by gives the same panel again, whatever is
  // committed later.
  absl::Time recorded_by;
  // Of labels and values; equal panels have equal hashes, in one process.
  uint64_t hash = 0;
};

// When the newest commit that the reader sees was recorded; InfinitePast if
// there is none. Reading with it as recorded_by gives what the reader gives.
absl::StatusOr<absl::Time> NewestRecordedAt(const store::Reader& reader);

// Thread-safe.
class Evaluations {
 public:
  struct Options {
    // Of the panels that are kept.
    int64_t kept_bytes = int64_t{256} << 20;
    // Of all evaluations under way.
    int64_t working_bytes = int64_t{1} << 30;
  };

  // `store` must outlive this. `definitions` gives those in force.
  Evaluations(const Options& options, store::Store* store,
              std::function<std::shared_ptr<const Definitions>()> definitions);

  // The values of one of `definitions.expressions`. Only what is as of now is
  // kept and shared. Errors of the expression are
  // kept like values; those of `check_alive` concern the caller alone.
  absl::StatusOr<std::shared_ptr<const Evaluation>> Read(
      const std::string& indicator, const EvaluateOptions& options);

  // Indicators that commits after `commit` touched, of those up to now.
  absl::StatusOr<std::set<std::string>> ChangedAfter(
      store::CommitNumber commit);

  // For evaluations of other expressions.
  MemoryBudget* budget() { return &budget_; }

 private:
  using Result = absl::StatusOr<std::shared_ptr<const Evaluation>>;

  struct Entry {
    // Somebody evaluates it; the others wait.
    bool is_under_way = false;
    // Absent before the first evaluation and when it was given up for space.
    std::shared_ptr<const Result> result;
    int64_t bytes = 0;
    // The commit that the result was read at.
    store::CommitNumber commit = 0;
    // Which of all calls asked for it last.
    uint64_t last_use = 0;
  };

  // Reads what was committed since the last call.
  absl::Status CatchUp(const store::Reader& reader)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFresh(const std::string& indicator, const Entry& entry) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The kept evaluation if it is of that instant: the next page of an answer.
  std::shared_ptr<const Evaluation> FindKept(const std::string& indicator,
                                             absl::Time recorded_by);
  void Keep(const std::string& indicator, Result result,
            store::CommitNumber commit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Result Evaluate(const Definitions& definitions, const std::string& indicator,
                  const store::Reader& reader, const EvaluateOptions& options);

  const Options options_;
  store::Store* const store_;
  const std::function<std::shared_ptr<const Definitions>()> definitions_;
  MemoryBudget budget_;
  // The last commit when this was made.
  const store::CommitNumber since_;

  absl::Mutex mutex_;
  // Those that the entries were evaluated with.
  std::shared_ptr<const Definitions> in_force_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  // Of each indicator, the last commit after `since_` that touched it, of those
  // up to `seen_`.
  std::map<std::string, store::CommitNumber> touched_ ABSL_GUARDED_BY(mutex_);
  store::CommitNumber seen_ ABSL_GUARDED_BY(mutex_);
  // What was seen when the definitions in force were first used.
  store::CommitNumber reloaded_at_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_EVALUATIONS_H_
