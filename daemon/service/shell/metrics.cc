#include "daemon/service/shell/metrics.h"

#include <algorithm>

namespace headway::service {

void CallMetrics::Record(absl::string_view method, absl::StatusCode code,
                         absl::Duration elapsed) {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const size_t bucket =
      std::lower_bound(kBounds.begin(), kBounds.end(), seconds) -
      kBounds.begin();
  absl::MutexLock lock(&mutex_);
  ++snapshot_.calls[{std::string(method), code}];
  Latency& latency = snapshot_.latencies[std::string(method)];
  ++latency.counts[bucket];
  latency.sum_seconds += seconds;
}

void CallMetrics::AddOpenStreams(int64_t change) {
  absl::MutexLock lock(&mutex_);
  snapshot_.open_streams += change;
}

CallMetrics::Snapshot CallMetrics::Read() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

}  // namespace headway::service
