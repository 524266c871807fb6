#include "tools/bench/forecast/run_forecasts.h"

#include "daemon/base/parallel_for.h"
#include "tools/bench/measure.h"

namespace headway::bench {

double ForecastRun::MillisecondsPerSeries() const {
  double sum = 0;
  for (const TimedForecast& one : series) sum += one.seconds;
  return series.empty() ? 0 : 1000 * sum / static_cast<double>(series.size());
}

std::vector<double> ForecastRun::Milliseconds() const {
  std::vector<double> milliseconds;
  for (const TimedForecast& one : series) {
    milliseconds.push_back(1000 * one.seconds);
  }
  return milliseconds;
}

ForecastRun RunForecasts(const std::vector<CompetitionSeries>& series,
                         const forecast::Options& options, ThreadPool* pool,
                         int threads) {
  ForecastRun run;
  run.series.resize(series.size(), {absl::UnknownError("not made")});
  const Stopwatch stopwatch;
  ParallelFor(pool, threads, series.size(), [&](size_t i) {
    const double before = ThreadCpuSeconds();
    run.series[i].forecast = forecast::MakeForecast(series[i].past, options);
    run.series[i].seconds = ThreadCpuSeconds() - before;
  });
  run.wall_seconds = stopwatch.Seconds();
  return run;
}

}  // namespace headway::bench
