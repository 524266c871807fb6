#include "daemon/service/shell/watch_hub.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/service/calls/stream_source.h"

namespace headway::service {

absl::Status WatchHub::Add(std::shared_ptr<Watcher> watcher,
                           std::string topic) {
  absl::MutexLock lock(&mutex_);
  if (!ended_.ok()) return ended_;
  if (IsFull(topic == kCommitTopic)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "too many open watches (", max_watchers_, "); try again later"));
  }
  watchers_.emplace_back(std::move(topic), std::move(watcher));
  return absl::OkStatus();
}

bool WatchHub::IsFull(bool of_commits) const {
  if (watchers_.size() < max_watchers_) return false;
  const auto same = std::count_if(
      watchers_.begin(), watchers_.end(),
      [&](const auto& w) { return (w.first == kCommitTopic) == of_commits; });
  return static_cast<size_t>(same) >= max_watchers_;
}

void WatchHub::Remove(const Watcher* watcher) {
  // The last owner may go with it, but not under our lock.
  std::shared_ptr<Watcher> removed;
  absl::MutexLock lock(&mutex_);
  const auto found =
      std::find_if(watchers_.begin(), watchers_.end(),
                   [&](const auto& w) { return w.second.get() == watcher; });
  if (found == watchers_.end()) return;
  removed = std::move(found->second);
  watchers_.erase(found);
}

void WatchHub::Poke(absl::string_view topic) {
  // Watchers are called without the lock, so that they may call back.
  std::vector<std::shared_ptr<Watcher>> concerned;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [watched, watcher] : watchers_) {
      if (watched == topic) concerned.push_back(watcher);
    }
  }
  for (const auto& watcher : concerned) watcher->Poke();
}

void WatchHub::EndAll(const absl::Status& status) {
  std::vector<std::shared_ptr<Watcher>> all;
  {
    absl::MutexLock lock(&mutex_);
    ended_ = status;
    for (const auto& [topic, watcher] : watchers_) all.push_back(watcher);
  }
  for (const auto& watcher : all) watcher->End(status);
}

size_t WatchHub::size() const {
  absl::MutexLock lock(&mutex_);
  return watchers_.size();
}

}  // namespace headway::service
