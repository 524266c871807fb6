// How many requests were answered, by route and status. Thread-safe.
#ifndef HEADWAY_DAEMON_WEB_REQUEST_COUNTS_H_
#define HEADWAY_DAEMON_WEB_REQUEST_COUNTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace headway::web {

class RequestCounts {
 public:
  // By the pattern of the route's path, and the status.
  using Snapshot = std::map<std::pair<std::string, int>, int64_t>;

  void Add(const std::string& route, int status) {
    absl::MutexLock lock(&mutex_);
    ++counts_[{route, status}];
  }
  Snapshot Read() const {
    absl::MutexLock lock(&mutex_);
    return counts_;
  }

 private:
  mutable absl::Mutex mutex_;
  Snapshot counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_REQUEST_COUNTS_H_
