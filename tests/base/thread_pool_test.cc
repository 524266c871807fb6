#include "daemon/base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"

namespace headway {
namespace {

TEST(ThreadPoolTest, RunsAllThatWasScheduledBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    ThreadPool pool({.threads = 3, .max_queued = 1000});
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(pool.Schedule([&] { ++runs; }).ok());
    }
  }
  EXPECT_EQ(runs, 1000);
}

TEST(ThreadPoolTest, RunsAsManyAtOnceAsItHasThreads) {
  constexpr int kThreads = 4;
  // Each waits until all are there: with fewer threads this would not end.
  auto* barrier = new absl::Barrier(kThreads);
  ThreadPool pool({.threads = kThreads, .max_queued = 16});
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(pool.Schedule([barrier] {
                      if (barrier->Block()) delete barrier;
                    })
                    .ok());
  }
}

TEST(ThreadPoolTest, ItsThreadsAloneAreAsNiceAsTheyAreToldToBe) {
  const int ours = getpriority(PRIO_PROCESS, 0);
  std::atomic<int> theirs = 0;
  {
    ThreadPool pool({.threads = 1, .niceness = 19});
    ASSERT_TRUE(
        pool.Schedule([&] { theirs = getpriority(PRIO_PROCESS, 0); }).ok());
  }
  EXPECT_EQ(theirs, 19);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), ours);
}

TEST(ThreadPoolTest, RefusesWorkWhenTheQueueIsFull) {
  absl::Notification started, go_on;
  ThreadPool pool({.threads = 1, .max_queued = 2});
  ASSERT_TRUE(pool.Schedule([&] {
                    started.Notify();
                    go_on.WaitForNotification();
                  })
                  .ok());
  started.WaitForNotification();
  EXPECT_TRUE(pool.Schedule([] {}).ok());
  EXPECT_TRUE(pool.Schedule([] {}).ok());
  EXPECT_EQ(pool.Schedule([] {}).code(), absl::StatusCode::kResourceExhausted);
  go_on.Notify();
}

TEST(ThreadPoolTest, WorkMayScheduleMoreWork) {
  std::atomic<int> runs = 0;
  absl::Notification inner_done;
  ThreadPool pool({.threads = 1, .max_queued = 2});
  ASSERT_TRUE(pool.Schedule([&] {
                    ++runs;
                    EXPECT_TRUE(pool.Schedule([&] {
                                      ++runs;
                                      inner_done.Notify();
                                    })
                                    .ok());
                  })
                  .ok());
  inner_done.WaitForNotification();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace headway
