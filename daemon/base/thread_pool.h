// The one pool of threads. Work that blocks or computes runs here, never on a
// gRPC or scheduler thread.
//
// The queue is bounded: when it is full, Schedule refuses with
// RESOURCE_EXHAUSTED, so that an overloaded daemon says so early. Thread-safe.
#ifndef HEADWAY_DAEMON_BASE_THREAD_POOL_H_
#define HEADWAY_DAEMON_BASE_THREAD_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace headway {

// The niceness of work that lasts.
inline constexpr int kBackground = 10;

class ThreadPool {
 public:
  struct Options {
    int threads = 4;
    size_t max_queued = 1024;
    // Of the threads and of the programs that they start, as nice(1): work that
    // somebody waits for goes before that of more.
    int niceness = 0;
  };

  explicit ThreadPool(Options options);
  // Runs what is queued, then joins the threads.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] absl::Status Schedule(std::function<void()> work);

 private:
  void RunWorker();
  bool HasWorkOrStops() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  }

  const Options options_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_THREAD_POOL_H_
