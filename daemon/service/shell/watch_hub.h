// Who watches what: wakes open streams when something they watch may have
// changed, and ends them when the daemon stops.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_WATCH_HUB_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_WATCH_HUB_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace headway::service {

// An open stream. Both calls return at once and may come at any time, even
// after the stream has ended.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // There may be something new.
  virtual void Poke() = 0;
  // Ends the stream with this status, once it has told what it knows.
  virtual void End(const absl::Status& status) = 0;
};

// Thread-safe.
class WatchHub {
 public:
  // At most so many of the commits, and as many of everything else.
  explicit WatchHub(size_t max_watchers) : max_watchers_(max_watchers) {}

  // RESOURCE_EXHAUSTED if there are too many; UNAVAILABLE after EndAll. `topic`
  // is what Poke will name. Those of the commits count apart from the others,
  // so that whoever follows a run finds room however many watch indicators.
  absl::Status Add(std::shared_ptr<Watcher> watcher, std::string topic);
  void Remove(const Watcher* watcher);

  void Poke(absl::string_view topic);
  // Ends all streams, and refuses new ones from now on.
  void EndAll(const absl::Status& status);

  size_t size() const;

 private:
  bool IsFull(bool of_commits) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_watchers_;
  mutable absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<Watcher>>> watchers_
      ABSL_GUARDED_BY(mutex_);
  absl::Status ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_WATCH_HUB_H_
