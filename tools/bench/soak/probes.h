// What users of the daemon do while it is in trouble, and how long each takes.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_PROBES_H_
#define HEADWAY_TOOLS_BENCH_SOAK_PROBES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tools/bench/soak/stop_sign.h"

namespace headway::bench {

// One kind of call.
struct Probe {
  std::string name;
  std::function<absl::Status()> call;
  // From the end of one to the start of the next.
  absl::Duration pause;
};

// ReadIndicator, ListIndicators, GetForecast, /healthz and /, twenty a second
// each, and a whole run of a sound pipeline every few seconds.
std::vector<Probe> ReadProbes(const std::string& address,
                              const std::string& http_address);
Probe RunProbe(const std::string& address);

// What came of a probe in a span of time. A failure counts among the latencies
// too: the user waited.
struct ProbeResult {
  std::vector<double> latencies;
  std::map<std::string, int64_t> failures;
};

// A thread for each probe, so that one that hangs hides no other. Thread-safe.
class Probes {
 public:
  explicit Probes(std::vector<Probe> probes);
  ~Probes();

  // What came since the last time, by the probe's name. All are in it, also
  // those that hang.
  std::map<std::string, ProbeResult> Take() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Loop(const Probe& probe);

  const std::vector<Probe> probes_;
  StopSign stop_;
  absl::Mutex mutex_;
  std::map<std::string, ProbeResult> results_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_PROBES_H_
