#include "daemon/base/thread_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace headway {

ThreadPool::ThreadPool(Options options) : options_(options) {
  threads_.reserve(options_.threads);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { RunWorker(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ThreadPool::Schedule(std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (queue_.size() >= options_.max_queued) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the work queue is full (", options_.max_queued,
                     " waiting); try again later"));
  }
  queue_.push_back(std::move(work));
  return absl::OkStatus();
}

void ThreadPool::RunWorker() {
  if (options_.niceness > 0) {
    // Linux has a niceness for each thread. It may always be raised; if not,
    // the work is done all the same.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), options_.niceness);
  }
  while (true) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ThreadPool::HasWorkOrStops));
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace headway
