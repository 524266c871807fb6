// A commit a second, and a thousand watchers who are to be told of each.
#ifndef HEADWAY_TOOLS_BENCH_SOAK_COMMITS_H_
#define HEADWAY_TOOLS_BENCH_SOAK_COMMITS_H_

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tools/bench/rpc/daemon.h"
#include "tools/bench/rpc/watchers.h"
#include "tools/bench/rpc/writer.h"
#include "tools/bench/soak/stop_sign.h"

namespace headway::bench {

// In a thread of its own. Watches that ended are opened again. Thread-safe.
class Commits {
 public:
  Commits(const Daemon& daemon, int watchers);
  ~Commits();

  struct Result {
    // Of the commits and of each watcher that was told, in seconds.
    std::vector<double> commits;
    std::vector<double> told;
    // Commits of which not all watchers heard before the next.
    int64_t late = 0;
    std::map<std::string, int64_t> failures;
  };
  // What came since the last time.
  Result Take() ABSL_LOCKS_EXCLUDED(mutex_);

  // How many watches have ended so far, by how.
  std::map<std::string, int64_t> Ends() const { return watchers_.Ends(); }
  int Living() const { return watchers_.Living(); }

 private:
  void Loop();
  void CommitOnce(double value) ABSL_LOCKS_EXCLUDED(mutex_);

  Watchers watchers_;
  Pusher pusher_;
  StopSign stop_;
  absl::Mutex mutex_;
  Result result_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_SOAK_COMMITS_H_
