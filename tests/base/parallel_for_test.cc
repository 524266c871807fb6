#include "daemon/base/parallel_for.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "absl/synchronization/mutex.h"

namespace headway {
namespace {

using testing::Each;

// Calls per index; each is written by one thread only.
std::vector<int> CountCalls(ThreadPool* pool, int threads, size_t count) {
  std::vector<int> calls(count);
  ParallelFor(pool, threads, count, [&](size_t i) { ++calls[i]; });
  return calls;
}

TEST(ParallelForTest, CallsEachIndexOnce) {
  ThreadPool pool({.threads = 3});
  for (size_t count : {0, 1, 2, 1000}) {
    EXPECT_THAT(CountCalls(&pool, 4, count), Each(1)) << count;
  }
}

TEST(ParallelForTest, OneThreadNeedsNoPool) {
  EXPECT_THAT(CountCalls(nullptr, 1, 100), Each(1));
}

TEST(ParallelForTest, EndsWhenThePoolRefusesWork) {
  ThreadPool pool({.threads = 1, .max_queued = 0});
  EXPECT_THAT(CountCalls(&pool, 4, 100), Each(1));
}

TEST(ParallelForTest, EndsOnTheOnlyThreadOfItsPool) {
  ThreadPool pool({.threads = 1});
  absl::Mutex mutex;
  std::vector<int> calls;
  ASSERT_TRUE(pool.Schedule([&] {
                    std::vector<int> counted = CountCalls(&pool, 2, 100);
                    absl::MutexLock lock(&mutex);
                    calls = counted;
                  })
                  .ok());
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(
      +[](std::vector<int>* c) { return !c->empty(); }, &calls));
  EXPECT_THAT(calls, Each(1));
}

TEST(ParallelForTest, SeveralThreadsWorkAtOnce) {
  ThreadPool pool({.threads = 1});
  absl::Mutex mutex;
  int inside = 0;
  // Each call waits for the other.
  ParallelFor(&pool, 2, 2, [&](size_t) {
    absl::MutexLock lock(&mutex);
    ++inside;
    mutex.Await(absl::Condition(
        +[](int* n) { return *n == 2; }, &inside));
  });
  EXPECT_EQ(inside, 2);
}

}  // namespace
}  // namespace headway
