// What the parts of rpc_bench share.
#ifndef HEADWAY_TOOLS_BENCH_RPC_BENCH_H_
#define HEADWAY_TOOLS_BENCH_RPC_BENCH_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/bench/measure.h"
#include "tools/bench/report.h"
#include "tools/bench/rpc/daemon.h"

namespace headway::bench {

struct RpcBench {
  bool over_unix = false;
  int channels = 0;
  int in_flight = 0;
  // How often each server has its turn, and how long a turn is.
  int rounds = 0;
  double slice_seconds = 0;
  // Of the wide indicator.
  int series = 0;
  int watchers = 0;
  // How many values the watchers are told.
  int watch_rounds = 0;
  TempDirectory directory;
  Report* report = nullptr;
};

// A daemon with the pipelines that ship, run once each, and the indicators
// bench_pushed, with an issued forecast, and bench_watched.
absl::StatusOr<std::unique_ptr<Daemon>> StartBundled(const RpcBench& bench);
inline constexpr char kPushedIndicator[] = "bench_pushed";
// Its four series are bench_value{part="a"} to "d".
inline constexpr char kPushedExpression[] = "sum(bench_value)";
inline constexpr char kPushedMetric[] = "bench_value";
// No indicator uses this one.
inline constexpr char kUnrelatedMetric[] = "bench_unrelated";
// One series, of which bench_watched is the sum.
inline constexpr char kWatchedIndicator[] = "bench_watched";
inline constexpr char kWatchedMetric[] = "bench_watched_value";

// The parts. Each reports what it can; the error is of what it could not.
absl::Status MeasureRatios(RpcBench& bench, Daemon& daemon);
absl::Status MeasureWatchers(RpcBench& bench, Daemon& daemon);
absl::Status MeasureWide(RpcBench& bench);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_BENCH_H_
