// Many watchers of one indicator, and when each is told of a new value.
#ifndef HEADWAY_TOOLS_BENCH_RPC_WATCHERS_H_
#define HEADWAY_TOOLS_BENCH_RPC_WATCHERS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "headway/v1/indicator.grpc.pb.h"

namespace headway::bench {

// The watched indicator has one series, whose last value rises with each push.
// Thread-safe.
class Watchers {
 public:
  // `count` calls of WatchIndicators over `channels` connections.
  Watchers(const std::string& address, const std::string& indicator, int count,
           int channels);
  // Cancels all, and waits for their ends.
  ~Watchers();

  // Until each has been sent the state of now or has ended. False after
  // `patience`.
  bool AwaitCaughtUp(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

  // From now on a watcher counts as told when it is sent `value` or more. Call
  // it right before the push.
  void Expect(double value) ABSL_LOCKS_EXCLUDED(mutex_);
  // Until each that lives is told. False after `patience`.
  bool AwaitTold(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);
  // Of the watchers told so far since Expect, in seconds.
  std::vector<double> Latencies() const ABSL_LOCKS_EXCLUDED(mutex_);

  int Living() const ABSL_LOCKS_EXCLUDED(mutex_);
  // How many have ended by themselves so far, by how: "RESOURCE_EXHAUSTED: …".
  std::map<std::string, int64_t> Ends() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Opens those that ended again, as clients do.
  void Renew() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Watcher;

  void OnResponse(Watcher* watcher, const v1::WatchIndicatorsResponse& response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnd(Watcher* watcher, const grpc::Status& status)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool AllCaughtUp() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool AllTold() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool AllEnded() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  v1::WatchIndicatorsRequest request_;
  std::vector<std::unique_ptr<v1::IndicatorService::Stub>> stubs_;
  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  int living_ ABSL_GUARDED_BY(mutex_) = 0;
  int caught_up_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the living, those that know the expected value.
  int told_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  double expected_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time expected_since_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> latencies_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> ends_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_WATCHERS_H_
