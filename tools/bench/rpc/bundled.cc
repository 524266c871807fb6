// The daemon of most of rpc_bench: real definitions and data, and an indicator
// or two to push to.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/rpc/bench.h"
#include "tools/bench/rpc/runs.h"
#include "tools/bench/rpc/writer.h"

namespace headway::bench {
namespace {

// A run on change is a part of what a related commit costs: its forecast is the
// cheapest there is.
constexpr char kDefinitions[] = R"text(
pipeline {
  name: "bench"
  title: "What the benchmark pushes"
  indicator {
    name: "bench_pushed"
    title: "Pushed values"
    meaning: "Ten years of months, as the indicators that ship have them."
    expression: "sum(bench_value)"
    unit: "1"
    forecast { method: "naive" horizon: 12 }
  }
  indicator {
    name: "bench_watched"
    title: "Watched values"
    expression: "sum(bench_watched_value)"
    unit: "1"
    forecast { disabled: true }
  }
}
)text";

constexpr absl::Duration kRunPatience = absl::Minutes(10);

absl::Status PushBeginnings(const std::string& address) {
  v1::WriteObservationsRequest request;
  request.set_source("bench");
  for (const char* part : {"a", "b", "c", "d"}) {
    *request.add_batches() = MonthlyBatch(kPushedMetric, part, 0, 120, 100);
  }
  for (const char* metric : {kUnrelatedMetric, kWatchedMetric}) {
    *request.add_batches() = MonthlyBatch(metric, "a", 0, 120, 100);
  }
  return Pusher(address).Push(request);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Daemon>> StartBundled(const RpcBench& bench) {
  const std::string directory = bench.directory.Sub("bundled");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::filesystem::copy(HEADWAY_SOURCE_DIR "/pipelines",
                        directory + "/pipelines",
                        std::filesystem::copy_options::recursive, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("the pipelines that ship cannot be copied from ",
                     HEADWAY_SOURCE_DIR, "/pipelines: ", error.message()));
  }
  RETURN_IF_ERROR(WriteDefinitions(directory, "bench.textproto", kDefinitions));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Daemon> daemon,
      Daemon::Start({.directory = directory, .over_unix = bench.over_unix}));
  RETURN_IF_ERROR(PushBeginnings(daemon->address()));
  for (const char* name :
       {"chip-trade", "chip-sales", "model-releases", "bench"}) {
    RETURN_IF_ERROR(RunPipeline(daemon->address(), name, kRunPatience));
  }
  return daemon;
}

}  // namespace headway::bench
