// Forecasts of many series at once.
//
// One queue of series, from which each thread takes the next; the longest ones
// come first, so that no thread is left with one of them at the end. The answer
// does not depend on the number of threads, nor on what else is in the queue.
#ifndef HEADWAY_DAEMON_FORECAST_BATCH_H_
#define HEADWAY_DAEMON_FORECAST_BATCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// Both are borrowed for the length of the call; many jobs may share options.
struct Job {
  absl::Span<const double> values;
  const Options* options = nullptr;
};

// What MakeForecast says of each job, in the order of the jobs; an error of one
// is no other's. Works on the calling thread and on up to `threads` - 1 threads
// of `pool`, which may be null if `threads` is 1.
std::vector<absl::StatusOr<Forecast>> MakeForecasts(absl::Span<const Job> jobs,
                                                    ThreadPool* pool,
                                                    int threads);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_BATCH_H_
