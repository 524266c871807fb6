#include "daemon/base/clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace headway {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000);

TEST(SimulatedClockTest, StandsStillUntilItIsMoved) {
  SimulatedClock clock(kStart);
  EXPECT_EQ(clock.Now(), kStart);
  clock.Advance(absl::Hours(1));
  EXPECT_EQ(clock.Now(), kStart + absl::Hours(1));
}

TEST(SimulatedClockTest, DoesNotGoBack) {
  SimulatedClock clock(kStart);
  clock.AdvanceTo(kStart - absl::Hours(1));
  EXPECT_EQ(clock.Now(), kStart);
}

TEST(SimulatedClockTest, AWaiterWakesAtItsDeadline) {
  SimulatedClock clock(kStart);
  bool never = false;
  std::thread waiter([&] {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    EXPECT_FALSE(clock.AwaitUntil(mutex, absl::Condition(&never),
                                  kStart + absl::Hours(1)));
    EXPECT_GE(clock.Now(), kStart + absl::Hours(1));
  });
  clock.Advance(absl::Hours(1));
  waiter.join();
}

TEST(SimulatedClockTest, AWaiterWakesWhenItsConditionHolds) {
  SimulatedClock clock(kStart);
  absl::Mutex mutex;
  bool done = false;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(clock.AwaitUntil(mutex, absl::Condition(&done),
                                 absl::InfiniteFuture()));
  });
  {
    absl::MutexLock lock(&mutex);
    done = true;
  }
  waiter.join();
}

TEST(SimulatedClockTest, ItsWallClockIsSetWithoutTimeThatPasses) {
  SimulatedClock clock(kStart);
  clock.Advance(absl::Hours(1));
  clock.SetWallClock(kStart - absl::Hours(24));
  EXPECT_EQ(clock.Now(), kStart - absl::Hours(24));
  EXPECT_EQ(clock.Elapsed(), absl::Hours(1));
  clock.Advance(absl::Minutes(1));
  EXPECT_EQ(clock.Elapsed(), absl::Hours(1) + absl::Minutes(1));
}

TEST(SimulatedClockTest, AWaitEndsInItsTimeThoughTheClockWasSetBack) {
  SimulatedClock clock(kStart);
  absl::Notification waits;
  bool never = false;
  std::thread waiter([&] {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    const auto begun = [&] {
      if (!waits.HasBeenNotified()) waits.Notify();
      return never;
    };
    EXPECT_FALSE(clock.AwaitUntil(mutex, absl::Condition(&begun),
                                  kStart + absl::Minutes(1)));
  });
  waits.WaitForNotification();
  clock.SetWallClock(kStart - absl::Hours(24 * 365));
  clock.Advance(absl::Minutes(1));
  waiter.join();
}

TEST(SimulatedClockTest, AWaitEndsAfterAnHourHoweverFarItsDeadlineIs) {
  SimulatedClock clock(kStart);
  absl::Notification waits;
  bool never = false;
  std::thread waiter([&] {
    absl::Mutex mutex;
    absl::MutexLock lock(&mutex);
    const auto begun = [&] {
      if (!waits.HasBeenNotified()) waits.Notify();
      return never;
    };
    EXPECT_FALSE(clock.AwaitUntil(mutex, absl::Condition(&begun),
                                  kStart + absl::Hours(24 * 365)));
  });
  waits.WaitForNotification();
  clock.Advance(kLongestWait);
  waiter.join();
}

TEST(RealClockTest, ManyWaitTogetherAndEachEndsAtItsTime) {
  RealClock clock;
  std::vector<std::thread> waiters;
  for (int i = 0; i < 20; ++i) {
    waiters.emplace_back([&clock, i] {
      absl::Mutex mutex;
      absl::MutexLock lock(&mutex);
      bool never = false;
      const absl::Duration before = clock.Elapsed();
      EXPECT_FALSE(clock.AwaitUntil(mutex, absl::Condition(&never),
                                    absl::Now() + absl::Milliseconds(i)));
      EXPECT_GE(clock.Elapsed() - before, absl::Milliseconds(i - 1));
    });
  }
  for (std::thread& waiter : waiters) waiter.join();
}

TEST(RealClockTest, AWaiterWakesWhenItsConditionHolds) {
  RealClock clock;
  absl::Mutex mutex;
  bool done = false;
  std::thread waiter([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(clock.AwaitUntil(mutex, absl::Condition(&done),
                                 absl::InfiniteFuture()));
  });
  {
    absl::MutexLock lock(&mutex);
    done = true;
  }
  waiter.join();
}

TEST(RealClockTest, TimeThatPassesNeverGoesBack) {
  RealClock clock;
  absl::Duration before = clock.Elapsed();
  EXPECT_GT(before, absl::ZeroDuration());
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration elapsed = clock.Elapsed();
    ASSERT_GE(elapsed, before);
    before = elapsed;
  }
}

TEST(RealClockTest, NeverGoesBack) {
  RealClock clock;
  absl::Time before = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const absl::Time now = clock.Now();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(RealClockTest, ADeadlineInThePastDoesNotWait) {
  RealClock clock;
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  bool never = false;
  EXPECT_FALSE(
      clock.AwaitUntil(mutex, absl::Condition(&never), absl::InfinitePast()));
}

}  // namespace
}  // namespace headway
