// Forecasts of a competition's series by one of Headway's methods, with their
// times.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_RUN_FORECASTS_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_RUN_FORECASTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/base/thread_pool.h"
#include "daemon/forecast/forecast.h"
#include "tools/bench/forecast/competition.h"

namespace headway::bench {

struct TimedForecast {
  absl::StatusOr<forecast::Forecast> forecast;
  // CPU time of the thread.
  double seconds = 0;
};

struct ForecastRun {
  std::vector<TimedForecast> series;
  double wall_seconds = 0;

  // The mean CPU time of a series.
  double MillisecondsPerSeries() const;
  std::vector<double> Milliseconds() const;
};

// Results are in the order of the series. Works on `threads` threads, the
// calling one included; `pool` may be null if `threads` is 1.
ForecastRun RunForecasts(const std::vector<CompetitionSeries>& series,
                         const forecast::Options& options, ThreadPool* pool,
                         int threads);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_RUN_FORECASTS_H_
