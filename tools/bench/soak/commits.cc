#include "tools/bench/soak/commits.h"

#include <utility>

#include "absl/status/status.h"
#include "tools/bench/measure.h"
#include "tools/bench/soak/scene.h"

namespace headway::bench {
namespace {

constexpr int kWatchConnections = 8;
constexpr absl::Duration kOpenPatience = absl::Seconds(30);
constexpr absl::Duration kCommitInterval = absl::Seconds(1);

}  // namespace

Commits::Commits(const Daemon& daemon, int watchers)
    : watchers_(daemon.address(), kSoakWatchedIndicator, watchers,
                kWatchConnections),
      pusher_(daemon.address()),
      thread_([this] { Loop(); }) {}

Commits::~Commits() {
  stop_.Raise();
  thread_.join();
}

void Commits::CommitOnce(double value) {
  watchers_.Expect(value);
  const Stopwatch watch;
  const absl::Status status = pusher_.PushLast(kSoakWatchedMetric, value);
  const double seconds = watch.Seconds();
  const bool all_told =
      status.ok() &&
      watchers_.AwaitTold(kCommitInterval - absl::Seconds(seconds));
  const std::vector<double> told = watchers_.Latencies();
  absl::MutexLock lock(&mutex_);
  result_.commits.push_back(seconds);
  result_.told.insert(result_.told.end(), told.begin(), told.end());
  if (!status.ok()) ++result_.failures[status.ToString()];
  if (!all_told) ++result_.late;
}

void Commits::Loop() {
  watchers_.AwaitCaughtUp(kOpenPatience);
  double value = 1e6;
  while (!stop_.IsRaised()) {
    const Stopwatch watch;
    watchers_.Renew();
    CommitOnce(++value);
    stop_.WaitFor(kCommitInterval - absl::Seconds(watch.Seconds()));
  }
}

Commits::Result Commits::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(result_, {});
}

}  // namespace headway::bench
