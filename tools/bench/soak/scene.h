// The daemon of the soak: its definitions, plugins and data.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_SCENE_H_
#define HEADWAY_TOOLS_BENCH_SOAK_SCENE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/bench/rpc/daemon.h"

namespace headway::bench {

// Ten years of months and an issued forecast.
inline constexpr char kReadIndicator[] = "soak_read";
// One series, to which the soak commits, and the sum of it.
inline constexpr char kSoakWatchedIndicator[] = "soak_watched";
inline constexpr char kSoakWatchedMetric[] = "soak_watched_value";
// Ten years of days; not forecast but on request.
inline constexpr char kDailyIndicator[] = "soak_daily";
// Its plugin does not come back from a check.
inline constexpr char kHungSource[] = "hung";
// Pipelines whose publisher is out of order; their runs wait for long.
inline constexpr const char* kRefusedPipelines[] = {"refused-a", "refused-b"};
// One that nothing is wrong with.
inline constexpr char kSoundPipeline[] = "sound";

// Serves, holds its data, and is idle but for the plugin that crashes every ten
// seconds. `publisher` is an address that refuses all.
absl::StatusOr<std::unique_ptr<Daemon>> StartScene(
    const std::string& directory, const std::string& publisher);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_SCENE_H_
