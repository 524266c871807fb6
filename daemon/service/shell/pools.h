// The threads that work on calls: a pool for each kind of call.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_POOLS_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_POOLS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "daemon/base/thread_pool.h"
#include "daemon/service/calls/call_kind.h"

namespace headway::service {

// Thread-safe.
class CallPools {
 public:
  // Each kind has its own options.
  explicit CallPools(std::map<CallKind, ThreadPool::Options> options);

  // Starts the threads: they see what was made before. Call it once, before
  // Schedule.
  void Start();

  // RESOURCE_EXHAUSTED, which names the kind, if its queue is full.
  absl::Status Schedule(CallKind kind, std::function<void()> work);

 private:
  const std::map<CallKind, ThreadPool::Options> options_;
  std::map<CallKind, std::unique_ptr<ThreadPool>> pools_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_POOLS_H_
