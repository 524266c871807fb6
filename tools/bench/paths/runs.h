// What paths_bench measures.
#ifndef HEADWAY_TOOLS_BENCH_PATHS_RUNS_H_
#define HEADWAY_TOOLS_BENCH_PATHS_RUNS_H_

#include "absl/status/status.h"
#include "tools/bench/report.h"

namespace headway::bench {

// How long an expression over 1,000 paths takes, beside a loop of evaluations,
// one for each path.
absl::Status MeasureExpressions(bool quick, Report& report);

// The energy score of sums and maxima of autoregressions, beside that of the
// same values without dependence from step to step.
absl::Status MeasureEnergy(bool quick, Report& report);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_PATHS_RUNS_H_
