// Forecasts of many series at once, on several threads.
//
// The series wait in one queue, from which each thread takes the next. The
// longest come first, so that no thread starts one of them when the others have
// finished. The answer depends neither on the number of threads nor on the
// other series.
#ifndef HEADWAY_DAEMON_FORECAST_BATCH_H_
#define HEADWAY_DAEMON_FORECAST_BATCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/forecast.h"

namespace headway::forecast {

// Values and options are borrowed for the length of the call. Many jobs may
// share their options.
struct Job {
  absl::Span<const double> values;
  const Options* options = nullptr;
};

// The answer or the error of MakeForecast for each job, in the order of the
// jobs. An error in one job does not affect the others. Works on the calling
// thread and on up to `threads` - 1 threads of `pool`, which may be null if
// `threads` is 1. Thread-safe.
std::vector<absl::StatusOr<Forecast>> MakeForecasts(absl::Span<const Job> jobs,
                                                    ThreadPool* pool,
                                                    int threads);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_BATCH_H_
