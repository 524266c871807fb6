// What the daemon's process holds, second by second.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_VITALS_H_
#define HEADWAY_TOOLS_BENCH_SOAK_VITALS_H_

#include <sys/types.h>

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tools/bench/soak/stop_sign.h"

namespace headway::bench {

// In a thread of its own. Thread-safe.
class Vitals {
 public:
  explicit Vitals(pid_t process);
  ~Vitals();

  struct Samples {
    std::vector<double> memory_mb;
    std::vector<double> threads;
    std::vector<double> descriptors;
  };
  // What came since the last time.
  Samples Take() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Loop();

  const pid_t process_;
  StopSign stop_;
  absl::Mutex mutex_;
  Samples samples_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_VITALS_H_
