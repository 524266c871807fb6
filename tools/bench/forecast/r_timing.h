// Times of R's forecast package, taken in this run by an Rscript process.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_R_TIMING_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_R_TIMING_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tools/bench/forecast/competition.h"

namespace headway::bench {

// The methods of R that are timed on a set. Those that take minutes a series
// are left out.
std::vector<std::string> TimedRMethods(const CompetitionSet& set);

// CPU seconds for a fit and a forecast, by method and by series.
using RTimes =
    absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, double>>;

// NOT_FOUND: Rscript or the package forecast is not installed.
absl::StatusOr<RTimes> TimeR(const CompetitionSet& set,
                             absl::Span<const CompetitionSeries> series);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_R_TIMING_H_
