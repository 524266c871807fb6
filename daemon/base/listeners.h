// Who wants to be told of something.
//
//   Listeners<Run> listeners;
//   auto subscription = listeners.Add([](const Run& run) { ... });
//   listeners.Tell(run);
//
// Thread-safe.
#ifndef HEADWAY_DAEMON_BASE_LISTENERS_H_
#define HEADWAY_DAEMON_BASE_LISTENERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace headway {

template <typename Event>
class Listeners {
 public:
  // Called on the thread that tells, one call at a time: keep it short, and add
  // and remove no listener from it.
  using Listener = std::function<void(const Event&)>;

  // Destroying it removes the listener and waits for a call under way. Must not
  // outlive the listeners.
  class Subscription {
   public:
    ~Subscription() {
      absl::MutexLock lock(&owner_->mutex_);
      owner_->listeners_.erase(id_);
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    friend class Listeners;
    Subscription(Listeners* owner, int64_t id) : owner_(owner), id_(id) {}
    Listeners* const owner_;
    const int64_t id_;
  };

  [[nodiscard]] std::unique_ptr<Subscription> Add(Listener listener) {
    absl::MutexLock lock(&mutex_);
    const int64_t id = next_id_++;
    listeners_[id] = std::move(listener);
    return std::unique_ptr<Subscription>(new Subscription(this, id));
  }

  void Tell(const Event& event) {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, listener] : listeners_) listener(event);
  }

 private:
  absl::Mutex mutex_;
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Listener> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_LISTENERS_H_
