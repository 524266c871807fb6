// Counts of the calls served, for /metrics.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_METRICS_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace headway::service {

// Thread-safe.
class CallMetrics {
 public:
  // Upper bounds of the latency buckets, in seconds; a last one is unbounded.
  static constexpr std::array<double, 9> kBounds = {
      0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 60};

  struct Latency {
    // The calls of each bucket, not cumulative.
    std::array<int64_t, kBounds.size() + 1> counts = {};
    double sum_seconds = 0;
  };

  struct Snapshot {
    // By method, such as "SeriesService/ReadSeries", and code.
    std::map<std::pair<std::string, absl::StatusCode>, int64_t> calls;
    std::map<std::string, Latency> latencies;
    int64_t open_streams = 0;
  };

  // A call of `method` ended after `elapsed`, the wait in the queue included.
  void Record(absl::string_view method, absl::StatusCode code,
              absl::Duration elapsed);
  void AddOpenStreams(int64_t change);

  Snapshot Read() const;

 private:
  mutable absl::Mutex mutex_;
  Snapshot snapshot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_METRICS_H_
