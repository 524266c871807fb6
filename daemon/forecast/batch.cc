#include "daemon/forecast/batch.h"

#include <algorithm>
#include <numeric>

#include "absl/status/status.h"
#include "daemon/base/parallel_for.h"

namespace headway::forecast {

std::vector<absl::StatusOr<Forecast>> MakeForecasts(absl::Span<const Job> jobs,
                                                    ThreadPool* pool,
                                                    int threads) {
  std::vector<size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&jobs](size_t a, size_t b) {
    return jobs[a].values.size() > jobs[b].values.size();
  });
  std::vector<absl::StatusOr<Forecast>> forecasts(
      jobs.size(), absl::InternalError("not forecast"));
  ParallelFor(pool, threads, jobs.size(), [&](size_t i) {
    const Job& job = jobs[order[i]];
    forecasts[order[i]] = MakeForecast(job.values, *job.options);
  });
  return forecasts;
}

}  // namespace headway::forecast
