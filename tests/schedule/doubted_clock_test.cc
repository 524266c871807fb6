// What the scheduler does while the machine's clock must not be believed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/base/clock_guard.h"
#include "tests/schedule/scheduler_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DoubtedClockTest : public SchedulerTest {
 protected:
  // The next daemon begins while the clock shows a year that is not believed.
  void CrashAndBeginIn2090() {
    at_once_ = false;
    true_time_ = clock_.Now();
    clock_.SetSynchronised(false);
    clock_.SetWallClock(store::At("2090-01-01"));
    Crash();
  }
  void SetTheClockRight() { clock_.SetWallClock(true_time_); }

  absl::Time true_time_;
};

TEST_F(DoubtedClockTest, JobsAreLoadedAndTheirSlotsWaitForARightClock) {
  SetJobs({MakeJob("a", "0 * * * *")});
  CrashAndBeginIn2090();
  SetJobs({MakeJob("a", "0 * * * *"), MakeJob("new", "30 * * * *")});
  ASSERT_TRUE(scheduler_->Recover().ok());
  scheduler_->Poll();
  EXPECT_THAT(Runs(), IsEmpty());
  SetTheClockRight();
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours("a"), ElementsAre(1));
  EXPECT_THAT(SlotHours("new"), ElementsAre(0.5));
}

TEST_F(DoubtedClockTest, ARunThatADaemonLeftIsTakenUpWhenTheClockIsRight) {
  SetJobs({{"a", std::nullopt}});
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  scheduler_->Poll();
  CrashAndBeginIn2090();
  SetJobs({{"a", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  scheduler_->Poll();
  EXPECT_THAT(work_, IsEmpty());
  SetTheClockRight();
  scheduler_->Poll();
  EXPECT_THAT(work_, SizeIs(1));
  Work();
  EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(ledger_->Get(run)->resumptions(), 1);
}

TEST_F(DoubtedClockTest, ARunOfAJobThatIsGoneIsCancelledWhenTheClockIsRight) {
  SetJobs({{"a", std::nullopt}});
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  CrashAndBeginIn2090();
  SetJobs({{"b", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::QUEUED);
  SetTheClockRight();
  scheduler_->Poll();
  EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::CANCELLED);
}

TEST_F(DoubtedClockTest, WhatIsAskedForIsRefusedWithTheClockAsItsReason) {
  SetJobs({MakeJob("a", "0 * * * *")});
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  CrashAndBeginIn2090();
  SetJobs({MakeJob("a", "0 * * * *")});
  ASSERT_TRUE(scheduler_->Recover().ok());
  EXPECT_TRUE(
      IsClockInDoubt(scheduler_->Trigger("a", v1::Run::MANUAL).status()));
  EXPECT_TRUE(IsClockInDoubt(scheduler_->Cancel(run).status()));
  EXPECT_TRUE(IsClockInDoubt(scheduler_->Pause("a")));
  // Looking is possible.
  EXPECT_FALSE(*scheduler_->IsPaused("a"));
}

TEST_F(DoubtedClockTest, ARunIsNotTakenUpTwiceIfItIsAskedForBeforeTheLoop) {
  SetJobs({{"a", std::nullopt}});
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  CrashAndBeginIn2090();
  SetJobs({{"a", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  SetTheClockRight();
  // The run that waits is found, though the loop has not come to it.
  EXPECT_EQ(scheduler_->Trigger("a", v1::Run::MANUAL)->name(), run);
  scheduler_->Poll();
  EXPECT_THAT(work_, SizeIs(1));
}

TEST_F(DoubtedClockTest, SlotsThatPassMeanwhileAreLate) {
  clock_.SetSynchronised(false);
  SetJobs({MakeJob("a", "0 * * * *")});
  Pass(absl::Minutes(30));
  EXPECT_THAT(scheduler_->LateSlots(), IsEmpty());
  clock_.SetWallClock(start_ + absl::Hours(2));
  scheduler_->Poll();
  ASSERT_THAT(scheduler_->LateSlots(), SizeIs(1));
  EXPECT_EQ(scheduler_->LateSlots()[0].job, "a");
  EXPECT_EQ(scheduler_->LateSlots()[0].due, start_ + absl::Hours(1));
}

}  // namespace
}  // namespace headway::schedule
