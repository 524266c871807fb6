// A program that pushes values of one series through WriteObservations.
#ifndef HEADWAY_TOOLS_BENCH_RPC_WRITER_H_
#define HEADWAY_TOOLS_BENCH_RPC_WRITER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "headway/v1/series.grpc.pb.h"

namespace headway::bench {

// "2015-01" and the months after it.
std::string Month(int index);

// Monthly observations of a series with one label.
v1::WriteObservationsRequest::Batch MonthlyBatch(const std::string& metric,
                                                 const std::string& part,
                                                 int first_month, int months,
                                                 double value);

// Thread-safe.
class Pusher {
 public:
  explicit Pusher(const std::string& address);

  absl::Status Push(const v1::WriteObservationsRequest& request);
  // The newest of 120 months of the series `metric`{part="a"}.
  absl::Status PushLast(const std::string& metric, double value);

 private:
  std::unique_ptr<v1::SeriesService::Stub> stub_;
};

// Pushes another value of one series every `interval`, in a thread of its own,
// from Resume to Pause. Thread-safe.
class SteadyWriter {
 public:
  SteadyWriter(const std::string& address, std::string metric,
               absl::Duration interval);
  ~SteadyWriter();

  void Resume() ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns when no push is under way.
  void Pause() ABSL_LOCKS_EXCLUDED(mutex_);

  int64_t pushes() const { return pushes_; }
  int64_t failures() const { return failures_; }

 private:
  void Loop();

  Pusher pusher_;
  const std::string metric_;
  const absl::Duration interval_;
  std::atomic<int64_t> pushes_ = 0;
  std::atomic<int64_t> failures_ = 0;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool pushing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_RPC_WRITER_H_
