// Runs that wait, and which piece of which run comes next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "daemon/schedule/lease.h"
#include "tests/schedule/scheduler_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Jobs say what comes after each of their pieces.
class WaitingTest : public SchedulerTest {
 protected:
  void SetUp() override {
    SchedulerTest::SetUp();
    execute_ = [this](ActiveRun& run) {
      const std::string job(run.job());
      executed_.push_back(job);
      if (!plans_[job].empty()) {
        next_ = plans_[job].front();
        plans_[job].erase(plans_[job].begin());
      }
    };
    SetJobs({{"a", std::nullopt}, {"b", std::nullopt}, {"c", std::nullopt}});
  }

  Piece Later(absl::Duration wait) {
    Piece piece;
    piece.resource = Resource::kPull;
    piece.not_before = clock_.Now() + wait;
    return piece;
  }
  static Piece PullFrom(const std::string& host) {
    Piece piece;
    piece.resource = Resource::kPull;
    piece.hosts = {host};
    return piece;
  }
  std::string Start(const std::string& job,
                    v1::Run::Trigger trigger = v1::Run::MANUAL) {
    return scheduler_->Trigger(job, trigger)->name();
  }
  // As another daemon does that holds this one dead.
  void TakeOver(const std::string& run) {
    store::Batch batch;
    const auto taken =
        Lease::Take(*store_->NewReader(), "run/" + run, "other",
                    clock_.Now() + absl::Hours(24), absl::Hours(1), batch);
    ASSERT_TRUE(taken.ok()) << taken.status();
    Commit(batch);
  }
  v1::Run::State StateOf(const std::string& run) {
    return ledger_->Get(run)->state();
  }

  // By job: what may come after its first piece, its second, …
  std::map<std::string, std::vector<std::vector<Piece>>> plans_;
  std::vector<std::string> executed_;
};

TEST_F(WaitingTest, RunsThatWaitHoldUpNobody) {
  plans_["a"] = {{Later(absl::Seconds(3000))}};
  plans_["b"] = {{Later(absl::Seconds(3000))}};
  const std::string a = Start("a");
  const std::string b = Start("b");
  Pass(absl::Minutes(1));
  EXPECT_EQ(StateOf(a), v1::Run::WAITING);
  EXPECT_EQ(StateOf(b), v1::Run::WAITING);
  // Both places are free.
  const std::string c = Start("c");
  Pass(absl::Minutes(1));
  EXPECT_EQ(StateOf(c), v1::Run::SUCCEEDED);
  Pass(absl::Hours(1));
  EXPECT_EQ(StateOf(a), v1::Run::SUCCEEDED);
  EXPECT_EQ(StateOf(b), v1::Run::SUCCEEDED);
}

TEST_F(WaitingTest, SaysUntilWhen) {
  plans_["a"] = {{Later(absl::Hours(2)), Later(absl::Hours(1))}};
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  EXPECT_EQ(messages::FromTimestamp(ledger_->Get(a)->wake_time()),
            start_ + absl::Hours(1));
  Pass(absl::Hours(1));
  EXPECT_FALSE(ledger_->Get(a)->has_wake_time());
}

TEST_F(WaitingTest, ThePiecesOfARunThatAreDueAreDoneMeanwhile) {
  plans_["a"] = {{Later(absl::Hours(1)), PullFrom("fast")},
                 {Later(absl::Hours(1))}};
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  EXPECT_THAT(executed_, ElementsAre("a", "a"));
  EXPECT_EQ(StateOf(a), v1::Run::WAITING);
}

TEST_F(WaitingTest, AHostHasOnePieceAtATime) {
  plans_["a"] = {{PullFrom("one")}};
  plans_["b"] = {{PullFrom("one"), PullFrom("other")}};
  Start("a");
  Start("b");
  scheduler_->Poll();
  at_once_ = false;
  for (int i = 0; i < 2; ++i) {
    const auto work = std::move(work_.front());
    work_.pop_front();
    work();
  }
  scheduler_->Poll();
  // The first host for a, the other one for b.
  EXPECT_EQ(work_.size(), 2);
  plans_["c"] = {{PullFrom("one")}};
  Start("c");
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), 3);
  const auto work = std::move(work_.back());
  work_.pop_back();
  work();
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), 2);
  Work();
  EXPECT_EQ(ledger_->ListActive()->size(), 0);
}

TEST_F(WaitingTest, PullsAtAllTheirPlacesLeaveThoseOfOtherClassesFree) {
  plans_["a"] = {{PullFrom("one")}};
  plans_["b"] = {{PullFrom("two")}};
  Start("a");
  Start("b");
  scheduler_->Poll();
  for (int i = 0; i < 2; ++i) {
    const auto work = std::move(work_.front());
    work_.pop_front();
    work();
  }
  scheduler_->Poll();
  ASSERT_EQ(work_.size(), 2);
  Start("c");  // its first piece derives
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), 3);
}

TEST_F(WaitingTest, ASlotIsSkippedWhileTheRunWaits) {
  SetJobs({MakeJob("a", "0 * * * *")});
  plans_["a"] = {{Later(absl::Hours(2.5))}};
  Pass(absl::Hours(4));
  EXPECT_THAT(SlotHours(), ElementsAre(1, 3, 4));
}

TEST_F(WaitingTest, ARunOnChangeDoesNotWaitForOneThatDoes) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const std::string waiting = Start("a");
  Pass(absl::Minutes(1));
  const std::string changed = Start("a", v1::Run::ON_CHANGE);
  const std::string pulling = Start("a", v1::Run::MANUAL);
  Pass(absl::Minutes(1));
  EXPECT_EQ(StateOf(waiting), v1::Run::WAITING);
  EXPECT_EQ(StateOf(changed), v1::Run::SUCCEEDED);
  EXPECT_EQ(StateOf(pulling), v1::Run::QUEUED);
  Pass(absl::Hours(1));
  EXPECT_EQ(StateOf(pulling), v1::Run::SUCCEEDED);
}

TEST_F(WaitingTest, ACrashWhileARunWaitsLosesNeitherTheWaitNorATry) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  Crash();
  SetJobs({{"a", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  Pass(absl::Minutes(10));
  EXPECT_EQ(StateOf(a), v1::Run::WAITING);
  Pass(absl::Hours(1));
  EXPECT_EQ(StateOf(a), v1::Run::SUCCEEDED);
  EXPECT_EQ(ledger_->Get(a)->resumptions(), 0);
  EXPECT_EQ(executed_.size(), 2);
}

TEST_F(WaitingTest, ARunThatWaitsIsCancelledAtOnceWithItsSteps) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const auto execute = execute_;
  execute_ = [&](ActiveRun& run) {
    run.run().add_steps()->set_state(v1::RunStep::SUCCEEDED);
    run.run().add_steps()->set_state(v1::RunStep::WAITING);
    execute(run);
  };
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  const auto cancelled = scheduler_->Cancel(a);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(cancelled->state(), v1::Run::CANCELLED);
  EXPECT_EQ(cancelled->steps(0).state(), v1::RunStep::SUCCEEDED);
  EXPECT_EQ(cancelled->steps(1).state(), v1::RunStep::SKIPPED);
  EXPECT_EQ(cancelled->steps(1).message(), "the run was cancelled");
  Pass(absl::Hours(2));
  EXPECT_EQ(executed_.size(), 1);
}

TEST_F(WaitingTest, AStopLeavesARunThatWaitsWaiting) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  scheduler_->Stop();
  EXPECT_EQ(StateOf(a), v1::Run::WAITING);
}

TEST_F(WaitingTest, ACancelThatCannotBeWrittenLeavesTheRunAsItWas) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const auto execute = execute_;
  v1::Run seen;
  execute_ = [&](ActiveRun& run) {
    if (run.run().steps().empty()) {
      run.run().add_steps()->set_state(v1::RunStep::WAITING);
    }
    seen = run.run();
    execute(run);
  };
  const std::string a = Start("a");
  Pass(absl::Minutes(1));
  // The store takes nothing while the clock is doubted.
  const absl::Time now = clock_.Now();
  clock_.SetSynchronised(false);
  clock_.SetWallClock(now + absl::Hours(24 * 365 * 50));
  ASSERT_FALSE(scheduler_->Cancel(a).ok());
  clock_.SetWallClock(now);
  Pass(absl::Hours(1));
  ASSERT_EQ(executed_.size(), 2);
  EXPECT_EQ(seen.steps(0).state(), v1::RunStep::WAITING);
}

TEST_F(WaitingTest, ARunThatWasTakenOverWhileItWaitedLeavesItsJobFree) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const std::string lost = Start("a");
  Pass(absl::Minutes(1));
  TakeOver(lost);
  clock_.Advance(absl::Hours(1));
  scheduler_->Poll();
  const std::string next = Start("a");
  scheduler_->Poll();
  EXPECT_EQ(StateOf(next), v1::Run::RUNNING);
}

TEST_F(WaitingTest, ARunThatCannotGoOnHoldsUpNoneBehindIt) {
  plans_["a"] = {{Later(absl::Hours(1))}};
  const std::string lost = Start("a");
  Pass(absl::Minutes(1));
  TakeOver(lost);
  clock_.Advance(absl::Hours(1));
  const std::string behind = Start("b");
  scheduler_->Poll();
  EXPECT_EQ(StateOf(behind), v1::Run::RUNNING);
}

}  // namespace
}  // namespace headway::schedule
