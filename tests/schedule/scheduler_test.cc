#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "daemon/base/thread_pool.h"
#include "tests/schedule/scheduler_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;

TEST_F(SchedulerTest, RunsAJobAtEachOfItsSlots) {
  SetJobs({MakeJob("a", "0 */6 * * *")});
  Pass(absl::Hours(24));
  EXPECT_THAT(SlotHours(), ElementsAre(6, 12, 18, 24));
  EXPECT_THAT(Runs(), Each(testing::ResultOf(
                          [](const v1::Run& run) { return run.state(); },
                          v1::Run::SUCCEEDED)));
}

TEST_F(SchedulerTest, ANewJobDoesNotRunForSlotsBeforeIt) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kAll)});
  scheduler_->Poll();
  EXPECT_THAT(SlotHours(), IsEmpty());
}

TEST_F(SchedulerTest, StartsAfterTheSlotByAJitterThatARestartDoesNotChange) {
  Job job = MakeJob("a", "0 12 * * *");
  job.schedule->jitter = absl::Hours(2);
  SetJobs({job});
  const absl::Time before = scheduler_->NextFireTimes("a", 1)->front();
  EXPECT_THAT(absl::ToDoubleHours(before - start_), AllOf(Ge(12), Le(14)));
  Crash();
  SetJobs({job});
  EXPECT_EQ(scheduler_->NextFireTimes("a", 1)->front(), before);
  PassTo(before - absl::Seconds(1));
  EXPECT_THAT(SlotHours(), IsEmpty());
  PassTo(before);
  EXPECT_THAT(SlotHours(), ElementsAre(12));
}

TEST_F(SchedulerTest, JitterSpreadsJobsApart) {
  std::set<absl::Time> times;
  std::vector<Job> jobs;
  for (int i = 0; i < 20; ++i) {
    jobs.push_back(MakeJob(absl::StrCat("job-", i), "0 12 * * *"));
    jobs.back().schedule->jitter = absl::Hours(1);
  }
  SetJobs(jobs);
  for (const Job& job : jobs) {
    times.insert(scheduler_->NextFireTimes(job.name, 1)->front());
  }
  EXPECT_GT(times.size(), 15);
}

TEST_F(SchedulerTest, NamesTheNextFireTimes) {
  SetJobs({MakeJob("a", "0 */6 * * *")});
  EXPECT_THAT(*scheduler_->NextFireTimes("a", 2),
              ElementsAre(start_ + absl::Hours(6), start_ + absl::Hours(12)));
}

TEST_F(SchedulerTest, CatchesUpWithTheNewestSlotAfterADowntime) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  Pass(absl::Hours(1));
  Crash();
  clock_.Advance(absl::Hours(10.5));
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 11, 12));
}

TEST_F(SchedulerTest, CatchesUpWithNothingWhereToldSo) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kNone)});
  Pass(absl::Hours(1));
  Crash();
  clock_.Advance(absl::Hours(10.5));
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kNone)});
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 12));
}

TEST_F(SchedulerTest, CatchesUpWithEverySlotWithinTheWindow) {
  Job job = MakeJob("a", "0 * * * *", CatchUp::kAll);
  job.schedule->catch_up_window = absl::Hours(3);
  SetJobs({job});
  Pass(absl::Hours(1));
  Crash();
  clock_.Advance(absl::Hours(10.5));
  SetJobs({job});
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 9, 10, 11, 12));
}

TEST_F(SchedulerTest, FindsTheNewestSlotOfAYearOfSecondsAtOnce) {
  SetJobs({MakeJob("a", "* * * * * *", CatchUp::kLatest)});
  Crash();
  clock_.Advance(absl::Hours(24 * 365));
  SetJobs({MakeJob("a", "* * * * * *", CatchUp::kLatest)});
  scheduler_->Poll();
  EXPECT_THAT(SlotHours(), ElementsAre(24 * 365));
}

TEST_F(SchedulerTest, AChangedScheduleDoesNotMakeSlotsOfThePast) {
  SetJobs({MakeJob("a", "0 6 * * *", CatchUp::kAll)});
  Pass(absl::Hours(12));
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kAll)});
  Pass(absl::Hours(2));
  EXPECT_THAT(SlotHours(), ElementsAre(6, 13, 14));
}

TEST_F(SchedulerTest, SkipsASlotWhileTheLastRunIsAtWork) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  at_once_ = false;
  Pass(absl::Hours(3));
  EXPECT_THAT(SlotHours(), ElementsAre(1));
  Work();
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 4));
}

TEST_F(SchedulerTest, ASlotThatWasSkippedStaysSkippedAfterARestart) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  at_once_ = false;
  Pass(absl::Hours(2));  // the slot of hour 2 finds the first run at work
  Crash();
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  at_once_ = true;
  ASSERT_TRUE(scheduler_->Recover().ok());
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 3));
}

TEST_F(SchedulerTest, WithCatchUpAllASlotWaitsForTheRunAtWork) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kAll)});
  at_once_ = false;
  Pass(absl::Hours(3));
  EXPECT_THAT(SlotHours(), ElementsAre(1));
  Work();
  EXPECT_THAT(SlotHours(), ElementsAre(1, 2, 3));
}

TEST_F(SchedulerTest, ASlotIsNotLostToARunOnChange) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kLatest)});
  at_once_ = false;
  ASSERT_TRUE(scheduler_->Trigger("a", v1::Run::ON_CHANGE).ok());
  Pass(absl::Hours(1));
  Work();
  EXPECT_THAT(SlotHours(), ElementsAre(1));
  EXPECT_EQ(Runs()[0].state(), v1::Run::SUCCEEDED);
}

TEST_F(SchedulerTest, QueuesAtMostOneRunOnChange) {
  SetJobs({{"a", std::nullopt}});
  at_once_ = false;
  const auto first = scheduler_->Trigger("a", v1::Run::ON_CHANGE);
  scheduler_->Poll();  // it is at work now: a further change needs one more
  const auto second = scheduler_->Trigger("a", v1::Run::ON_CHANGE);
  const auto third = scheduler_->Trigger("a", v1::Run::ON_CHANGE);
  EXPECT_NE(second->name(), first->name());
  EXPECT_EQ(third->name(), second->name());
  EXPECT_EQ(Runs().size(), 2);
}

TEST_F(SchedulerTest, ARunByHandThatWaitsIsGivenAgain) {
  SetJobs({{"a", std::nullopt}});
  const auto first = scheduler_->Trigger("a", v1::Run::MANUAL);
  const auto second = scheduler_->Trigger("a", v1::Run::MANUAL);
  EXPECT_EQ(first->name(), second->name());
}

TEST_F(SchedulerTest, RunsOneRunOfAJobAtATime) {
  SetJobs({{"a", std::nullopt}});
  at_once_ = false;
  ASSERT_TRUE(scheduler_->Trigger("a", v1::Run::MANUAL).ok());
  scheduler_->Poll();
  ASSERT_TRUE(scheduler_->Trigger("a", v1::Run::MANUAL).ok());
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), 1);
}

TEST_F(SchedulerTest, KeepsToTheLimitOfRunsAtWork) {
  SetJobs({{"a", std::nullopt}, {"b", std::nullopt}, {"c", std::nullopt}});
  at_once_ = false;
  for (const char* job : {"a", "b", "c"}) {
    ASSERT_TRUE(scheduler_->Trigger(job, v1::Run::MANUAL).ok());
  }
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), options_.max_concurrent_runs);
  Work();
  EXPECT_EQ(ledger_->ListActive()->size(), 0);
}

TEST_F(SchedulerTest, APausedJobFiresNothingAndCatchesUpWithNothing) {
  SetJobs({MakeJob("a", "0 * * * *", CatchUp::kAll)});
  ASSERT_TRUE(scheduler_->Pause("a").ok());
  Pass(absl::Hours(5));
  EXPECT_THAT(*scheduler_->NextFireTimes("a", 3), IsEmpty());
  ASSERT_TRUE(scheduler_->Resume("a").ok());
  Pass(absl::Hours(2));
  EXPECT_THAT(SlotHours(), ElementsAre(6, 7));
}

TEST_F(SchedulerTest, APauseOutlastsARestart) {
  SetJobs({MakeJob("a", "0 * * * *")});
  ASSERT_TRUE(scheduler_->Pause("a").ok());
  Crash();
  SetJobs({MakeJob("a", "0 * * * *")});
  Pass(absl::Hours(5));
  EXPECT_TRUE(*scheduler_->IsPaused("a"));
  EXPECT_THAT(SlotHours(), IsEmpty());
}

TEST_F(SchedulerTest, AJobThatIsDefinedPausedRunsOnceResumed) {
  Job job = MakeJob("a", "0 * * * *");
  job.schedule->paused = true;
  SetJobs({job});
  Pass(absl::Hours(2));
  ASSERT_TRUE(scheduler_->Resume("a").ok());
  Crash();
  SetJobs({job});
  Pass(absl::Hours(1));
  EXPECT_THAT(SlotHours(), ElementsAre(3));
}

TEST_F(SchedulerTest, APausedJobCanBeRunByHand) {
  SetJobs({MakeJob("a", "0 * * * *")});
  ASSERT_TRUE(scheduler_->Pause("a").ok());
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  Pass(absl::Minutes(1));
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::SUCCEEDED);
}

TEST_F(SchedulerTest, TakesUpARunThatACrashBrokeOffUnderItsName) {
  SetJobs({{"a", std::nullopt}});
  at_once_ = false;
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  scheduler_->Poll();
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::RUNNING);
  Crash();
  std::vector<std::string> executed;
  execute_ = [&](ActiveRun& run) { executed.push_back(run.run().name()); };
  SetJobs({{"a", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  scheduler_->Poll();
  Work();
  EXPECT_THAT(executed, ElementsAre(run->name()));
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::SUCCEEDED);
}

TEST_F(SchedulerTest, CancelsARunWhoseJobIsGone) {
  SetJobs({{"a", std::nullopt}});
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  Crash();
  SetJobs({{"b", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  const auto found = ledger_->Get(run->name());
  EXPECT_EQ(found->state(), v1::Run::CANCELLED);
  EXPECT_EQ(found->error(),
            "pipeline \"a\" is no longer defined, or its definition has "
            "errors");
}

TEST_F(SchedulerTest, ARunWithAFailedStepHasFailed) {
  SetJobs({{"a", std::nullopt}});
  execute_ = [](ActiveRun& run) {
    run.run().add_steps()->set_state(v1::RunStep::FAILED);
    run.run().add_steps()->set_state(v1::RunStep::SUCCEEDED);
  };
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  Pass(absl::Minutes(1));
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::FAILED);
}

TEST_F(SchedulerTest, CancelsAWaitingRunAtOnce) {
  SetJobs({{"a", std::nullopt}});
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  EXPECT_EQ(scheduler_->Cancel(run->name())->state(), v1::Run::CANCELLED);
  scheduler_->Poll();
  EXPECT_TRUE(work_.empty());
}

TEST_F(SchedulerTest, AsksAWorkingRunToStopWhenItIsCancelled) {
  SetJobs({{"a", std::nullopt}});
  at_once_ = false;
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  scheduler_->Poll();
  ASSERT_TRUE(scheduler_->Cancel(run->name()).ok());
  bool stopping = false;
  execute_ = [&](ActiveRun& run) { stopping = run.stopping(); };
  Work();
  EXPECT_TRUE(stopping);
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::CANCELLED);
}

TEST_F(SchedulerTest, ARunThatHasEndedCannotBeCancelled) {
  SetJobs({{"a", std::nullopt}});
  const auto run = scheduler_->Trigger("a", v1::Run::MANUAL);
  Pass(absl::Minutes(1));
  EXPECT_EQ(scheduler_->Cancel(run->name()).status(),
            absl::FailedPreconditionError(absl::StrCat(
                run->name(), " has ended already: it is SUCCEEDED")));
}

TEST_F(SchedulerTest, AnUnknownJobIsNotFoundWithTheNearestName) {
  SetJobs({{"chip-trade", std::nullopt}});
  EXPECT_EQ(scheduler_->Trigger("chip-trad", v1::Run::MANUAL).status(),
            absl::NotFoundError("there is no job \"chip-trad\"; did you mean "
                                "\"chip-trade\"?"));
}

// With the real thread and the real pool.
TEST_F(SchedulerTest, ItsThreadRunsWhatIsDueAsTimePasses) {
  ThreadPool pool({2});
  absl::Notification ran;
  Scheduler scheduler(
      {}, &clock_, store_.get(), ledger_.get(),
      [&](ActiveRun& run, const Piece&) {
        if (run.run().trigger() == v1::Run::SCHEDULED) ran.Notify();
        return std::vector<Piece>();
      },
      [&](std::function<void()> work) {
        return pool.Schedule(std::move(work));
      });
  ASSERT_TRUE(scheduler.SetJobs({MakeJob("a", "0 6 * * *")}).ok());
  scheduler.Start();
  clock_.Advance(absl::Hours(6));
  ran.WaitForNotification();
  scheduler.Stop();
  EXPECT_THAT(SlotHours(), ElementsAre(6));
}

TEST_F(SchedulerTest, AStopLeavesTheWorkingRunForTheNextStart) {
  ThreadPool pool({1});
  absl::Notification started;
  Scheduler scheduler(
      {}, &clock_, store_.get(), ledger_.get(),
      [&](ActiveRun& run, const Piece& piece) {
        started.Notify();
        while (!run.stopping()) std::this_thread::yield();
        return std::vector<Piece>{piece};
      },
      [&](std::function<void()> work) {
        return pool.Schedule(std::move(work));
      });
  ASSERT_TRUE(scheduler.SetJobs({{"a", std::nullopt}}).ok());
  const auto run = scheduler.Trigger("a", v1::Run::MANUAL);
  scheduler.Start();
  started.WaitForNotification();
  scheduler.Stop();
  EXPECT_EQ(ledger_->Get(run->name())->state(), v1::Run::QUEUED);
  EXPECT_EQ(ledger_->ListActive()->size(), 1);
}

}  // namespace
}  // namespace headway::schedule
