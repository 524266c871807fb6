// How soon many watchers of one indicator are told of a commit.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/rpc/bench.h"
#include "tools/bench/rpc/watchers.h"
#include "tools/bench/rpc/writer.h"

namespace headway::bench {
namespace {

// Fewer than the streams that the daemon allows a connection share one.
constexpr int kConnections = 8;
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr double kTargetMs = 100;

struct Told {
  std::vector<double> all_ms;
  // Of each round, the last watcher.
  std::vector<double> last_ms;
  int rounds_with_all = 0;
};

absl::Status TellOnce(double value, Watchers& watchers, Pusher& pusher,
                      Told& told) {
  watchers.Expect(value);
  RETURN_IF_ERROR(pusher.PushLast(kWatchedMetric, value));
  told.rounds_with_all += watchers.AwaitTold(kPatience) ? 1 : 0;
  double last = 0;
  for (double seconds : watchers.Latencies()) {
    told.all_ms.push_back(1000 * seconds);
    last = std::max(last, 1000 * seconds);
  }
  told.last_ms.push_back(last);
  return absl::OkStatus();
}

std::string EndsOf(const Watchers& watchers) {
  std::string text;
  for (const auto& [how, count] : watchers.Ends()) {
    absl::StrAppend(&text, "; ", count, " watches ended: ", how);
  }
  return text;
}

}  // namespace

absl::Status MeasureWatchers(RpcBench& bench, Daemon& daemon) {
  Watchers watchers(daemon.address(), kWatchedIndicator, bench.watchers,
                    kConnections);
  const bool caught_up = watchers.AwaitCaughtUp(kPatience);
  Pusher pusher(daemon.address());
  Told told;
  for (int round = 0; round < bench.watch_rounds; ++round) {
    RETURN_IF_ERROR(TellOnce(1e6 + round, watchers, pusher, told));
  }
  const std::string note = absl::StrCat(
      watchers.Living(), " of ", bench.watchers, " watchers over ",
      kConnections, " connections lived to the end",
      caught_up ? "" : ", not all were up to date before the first commit",
      "; in ", told.rounds_with_all, " of ", bench.watch_rounds,
      " rounds all that lived were told; from the start of WriteObservations, "
      "each synced",
      absl::StrFormat("; p50 %.4g ms, p99 %.4g ms, max %.4g ms",
                      Percentile(told.all_ms, 0.5),
                      Percentile(told.all_ms, 0.99),
                      Percentile(told.all_ms, 1)),
      EndsOf(watchers));
  const bool all = caught_up && watchers.Living() == bench.watchers &&
                   told.rounds_with_all == bench.watch_rounds;
  std::optional<double> value;
  if (all) value = Percentile(told.last_ms, 0.5);
  bench.report->Add("watch_told_ms", value, "ms",
                    absl::StrCat("until the last was told, the median of "
                                 "rounds; ",
                                 note),
                    Report::Target{.bound = kTargetMs, .at_least = false});
  return absl::OkStatus();
}

}  // namespace headway::bench
