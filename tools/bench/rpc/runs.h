// Runs of pipelines, from start to end. Thread-safe.
#ifndef HEADWAY_TOOLS_BENCH_RPC_RUNS_H_
#define HEADWAY_TOOLS_BENCH_RPC_RUNS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace headway::bench {

// Starts a run of the pipeline and returns its name.
absl::StatusOr<std::string> StartPipeline(const std::string& address,
                                          const std::string& name);

// Runs the pipeline and waits for the end of the run. INTERNAL unless it
// succeeds, DEADLINE_EXCEEDED after `patience`.
absl::Status RunPipeline(const std::string& address, const std::string& name,
                         absl::Duration patience);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_RUNS_H_
