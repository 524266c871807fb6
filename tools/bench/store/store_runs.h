// The work that is measured, on a real store through its public API.
#ifndef HEADWAY_TOOLS_BENCH_STORE_STORE_RUNS_H_
#define HEADWAY_TOOLS_BENCH_STORE_STORE_RUNS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/thread_pool.h"
#include "daemon/store/store.h"
#include "tools/bench/store/synthetic.h"

namespace headway::bench {

// How much was delivered, and how long it took, without making the batches.
struct Work {
  int64_t commits = 0;
  int64_t points = 0;
  // Of the points, those that changed the store.
  int64_t stored = 0;
  double seconds = 0;
  // Of all processors, those of RocksDB's own threads included.
  double cpu_seconds = 0;

  double PointsPerSecond() const {
    return seconds > 0 ? static_cast<double>(points) / seconds : 0;
  }
  Work& operator+=(const Work& other);
};

// Takes one batch and returns when it is durable, with the number of
// observations that changed. Called by several threads at once where several
// are measured.
using CommitFn = std::function<absl::StatusOr<int64_t>(const store::Batch&)>;

CommitFn CommitTo(store::Store* store);

// Commits batches 0 to `count` - 1, made by `make`, on `threads` threads: a
// few are made, then the time to commit all of them is taken, and so on.
absl::StatusOr<Work> CommitBatches(int count,
                                   const std::function<store::Batch(int)>& make,
                                   const CommitFn& commit, int threads);

struct Ingest {
  Work first_load;
  Work revisions;
  // With the making of the batches.
  double wall_seconds = 0;

  Work total() const;
};

// All vintages of the set, oldest first.
absl::StatusOr<Ingest> IngestAll(const SyntheticSet& set,
                                 const CommitFn& commit, int threads);

// All series of the set once more, unchanged.
absl::StatusOr<Work> DeliverAgain(const SyntheticSet& set,
                                  const CommitFn& commit, int days);

// Short work is done this many times, and the fastest counts.
inline constexpr int kTries = 4;

// T is Work or Scan.
template <typename T>
absl::StatusOr<T> Fastest(const std::function<absl::StatusOr<T>()>& work) {
  ASSIGN_OR_RETURN(T fastest, work());
  for (int i = 1; i < kTries; ++i) {
    ASSIGN_OR_RETURN(T next, work());
    if (next.seconds < fastest.seconds) fastest = std::move(next);
  }
  return fastest;
}

// The ids of the series that a selector of `metric` matches.
absl::StatusOr<std::vector<store::SeriesId>> SeriesOf(
    const store::Reader& reader, const std::string& metric);

// The seconds that each of `count` reads of a random one of `series` series
// took; `read` is given its place and a seed for what else is random.
absl::StatusOr<std::vector<double>> ReadTimes(
    int series, int count, uint64_t seed,
    const std::function<absl::Status(int, uint64_t)>& read);

struct Scan {
  int64_t points = 0;
  // Of the values: it keeps the work from being optimised away, and must be the
  // same for every engine.
  double sum = 0;
  double seconds = 0;

  double PointsPerSecond() const {
    return seconds > 0 ? static_cast<double>(points) / seconds : 0;
  }
};

// Reader::Scan of the series that a selector of `metric` matches. `pool` gives
// the threads beside the calling one.
absl::StatusOr<Scan> ScanMetric(const store::Reader& reader,
                                const std::string& metric, absl::Time as_of,
                                int threads, ThreadPool* pool);

// Of these series.
absl::StatusOr<Scan> ScanSeries(const store::Reader& reader,
                                absl::Span<const store::SeriesId> ids,
                                absl::Time as_of);

// Calls `work` with 0 to `threads` - 1, each on a thread of its own, and
// returns when all are done, with the first error.
absl::Status RunOnThreads(int threads,
                          const std::function<absl::Status(int)>& work);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_STORE_STORE_RUNS_H_
