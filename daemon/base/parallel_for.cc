#include "daemon/base/parallel_for.h"

#include <algorithm>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace headway {
namespace {

// Shared with the pool, which may come to it when all is done; then `work` is
// gone, and there is nothing left to claim.
class Run {
 public:
  Run(size_t count, absl::FunctionRef<void(size_t)> work)
      : count_(count), work_(work) {}

  void WorkUntilNothingIsLeft() {
    for (size_t i = Claim(); i < count_; i = Claim()) {
      work_(i);
      absl::MutexLock lock(&mutex_);
      ++done_;
    }
  }

  void AwaitAll() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Run* run) { return run->done_ == run->count_; }, this));
  }

 private:
  size_t Claim() {
    absl::MutexLock lock(&mutex_);
    return claimed_ < count_ ? claimed_++ : count_;
  }

  const size_t count_;
  const absl::FunctionRef<void(size_t)> work_;
  absl::Mutex mutex_;
  size_t claimed_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t done_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

void ParallelFor(ThreadPool* pool, int threads, size_t count,
                 absl::FunctionRef<void(size_t)> work) {
  const auto run = std::make_shared<Run>(count, work);
  const size_t helpers =
      std::min<size_t>(threads, std::max<size_t>(count, 1)) - 1;
  for (size_t i = 0; i < helpers; ++i) {
    // If the pool is full, there are fewer to work.
    if (!pool->Schedule([run] { run->WorkUntilNothingIsLeft(); }).ok()) break;
  }
  run->WorkUntilNothingIsLeft();
  run->AwaitAll();
}

}  // namespace headway
