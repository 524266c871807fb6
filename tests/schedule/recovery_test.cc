// What a daemon does with what an earlier one left.
#include "daemon/schedule/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/schedule/lease.h"
#include "tests/schedule/scheduler_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RecoveryTest : public SchedulerTest {
 protected:
  void SetUp() override {
    SchedulerTest::SetUp();
    at_once_ = false;
    SetJobs({{"a", std::nullopt}});
  }

  void Recover() {
    SetJobs({{"a", std::nullopt}});
    ASSERT_TRUE(scheduler_->Recover().ok());
    scheduler_->Poll();
  }
  void WriteRun(const std::string& id, const std::string& bytes) {
    store::Batch batch;
    for (const char* prefix : {"run/", "job/a/", "active/"}) {
      batch.records.push_back({store::RecordKind::kRuns, prefix + id,
                               prefix[0] == 'r' ? bytes : ""});
    }
    Commit(batch);
  }
};

TEST_F(RecoveryTest, ARunThatWasAtWorkAtThreeDeathsIsParked) {
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  scheduler_->Poll();
  for (int death = 1; death <= 2; ++death) {
    Crash();
    Recover();
    EXPECT_EQ(work_.size(), 1);
    EXPECT_EQ(ledger_->Get(run)->resumptions(), death);
  }
  Crash();
  Recover();
  EXPECT_TRUE(work_.empty());
  const v1::Run parked = *ledger_->Get(run);
  EXPECT_EQ(parked.state(), v1::Run::FAILED);
  EXPECT_TRUE(IsParked(parked));
  EXPECT_THAT(parked.error(), HasSubstr("the daemon died 3 times"));
  // A new one is run.
  ASSERT_TRUE(scheduler_->Trigger("a", v1::Run::MANUAL).ok());
  scheduler_->Poll();
  EXPECT_EQ(work_.size(), 1);
}

TEST_F(RecoveryTest, AStopThatWasAskedForIsNoDeath) {
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  for (int stops = 0; stops < 5; ++stops) {
    scheduler_->Poll();
    EXPECT_EQ(work_.size(), 1);
    scheduler_->Stop();
    EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::QUEUED);
    Crash();
    Recover();
  }
  Work();
  EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(ledger_->Get(run)->resumptions(), 0);
}

TEST_F(RecoveryTest, ARecordThatCannotBeReadIsLeftOutAndNamed) {
  WriteRun("20231231-000000.000000", "\xff\xff garbage");
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  Crash();
  Recover();
  Work();
  EXPECT_EQ(ledger_->Get(run)->state(), v1::Run::SUCCEEDED);
  EXPECT_THAT(ledger_->Unreadable(), ElementsAre("20231231-000000.000000"));
  EXPECT_EQ(Runs().size(), 1);
  EXPECT_EQ(ledger_->Latest("a")->value().name(), run);
  EXPECT_TRUE(absl::IsDataLoss(
      ledger_->Get("pipelines/a/runs/20231231-000000.000000").status()));
}

TEST_F(RecoveryTest, TakesUpARunThatADaemonOfBeforeLeft) {
  v1::Run run;
  run.set_name("pipelines/a/runs/20231231-000000.000000");
  run.set_state(v1::Run::RUNNING);
  run.set_trigger(v1::Run::MANUAL);
  run.add_steps()->set_state(v1::RunStep::SUCCEEDED);
  WriteRun("20231231-000000.000000", run.SerializeAsString());
  Recover();
  Work();
  const v1::Run ended = *ledger_->Get(run.name());
  EXPECT_EQ(ended.state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(ended.steps_size(), 1);
}

TEST_F(RecoveryTest, TheSameRequestGetsTheSameRunAlsoAfterARestart) {
  const std::string first =
      scheduler_->Trigger("a", v1::Run::MANUAL, "order-1")->name();
  scheduler_->Poll();
  Work();
  EXPECT_EQ(scheduler_->Trigger("a", v1::Run::MANUAL, "order-1")->name(),
            first);
  Crash();
  Recover();
  const auto again = scheduler_->Trigger("a", v1::Run::MANUAL, "order-1");
  EXPECT_EQ(again->name(), first);
  EXPECT_EQ(again->state(), v1::Run::SUCCEEDED);
  EXPECT_EQ(again->request_id(), "order-1");
  EXPECT_NE(scheduler_->Trigger("a", v1::Run::MANUAL, "order-2")->name(),
            first);
}

TEST_F(RecoveryTest, ARequestAnsweredWithAQueuedRunIsRemembered) {
  const std::string queued = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  EXPECT_EQ(scheduler_->Trigger("a", v1::Run::MANUAL, "order-1")->name(),
            queued);
  scheduler_->Poll();
  Work();
  EXPECT_EQ(scheduler_->Trigger("a", v1::Run::MANUAL, "order-1")->name(),
            queued);
}

TEST_F(RecoveryTest, ACallPausesUntilTheDefinitionItselfChanges) {
  Job job = MakeJob("a", "0 * * * *");
  SetJobs({job});
  ASSERT_TRUE(scheduler_->Pause("a").ok());
  SetJobs({job});
  EXPECT_TRUE(*scheduler_->IsPaused("a"));
  job.schedule->paused = true;
  SetJobs({job});
  EXPECT_TRUE(*scheduler_->IsPaused("a"));
  // The file says so, and nobody has said anything since.
  job.schedule->paused = false;
  SetJobs({job});
  EXPECT_FALSE(*scheduler_->IsPaused("a"));
}

TEST_F(RecoveryTest, ARunThatAnotherDaemonTookOverIsLeftToIt) {
  const std::string run = scheduler_->Trigger("a", v1::Run::MANUAL)->name();
  execute_ = [&](ActiveRun& active) {
    // Long after, so that the lease has run out.
    store::Batch batch;
    const auto taken =
        Lease::Take(*store_->NewReader(), "run/" + run, "other",
                    clock_.Now() + absl::Hours(24), absl::Hours(1), batch);
    ASSERT_TRUE(taken.ok()) << taken.status();
    Commit(batch);
    active.run().add_steps()->set_state(v1::RunStep::SUCCEEDED);
    EXPECT_TRUE(absl::IsAborted(active.Save({})));
    EXPECT_TRUE(active.stopping());
    // A pull commits under the same conditions.
    store::Batch pull;
    pull.checkpoints.push_back({"source", "stream", "state"});
    pull.preconditions = active.Preconditions();
    EXPECT_TRUE(absl::IsAborted(store_->Commit(pull).status()));
  };
  scheduler_->Poll();
  Work();
  const v1::Run left = *ledger_->Get(run);
  EXPECT_EQ(left.state(), v1::Run::RUNNING);
  EXPECT_THAT(left.steps(), IsEmpty());
  EXPECT_TRUE(absl::IsFailedPrecondition(scheduler_->Cancel(run).status()));
}

TEST_F(RecoveryTest, ARunTakenUpAgainIsJoinedByNobody) {
  const std::string run = scheduler_->Trigger("a", v1::Run::ON_CHANGE)->name();
  scheduler_->Poll();
  Crash();
  SetJobs({{"a", std::nullopt}});
  ASSERT_TRUE(scheduler_->Recover().ok());
  ASSERT_EQ(ledger_->Get(run)->state(), v1::Run::QUEUED);
  // It may have derived before the change.
  EXPECT_NE(scheduler_->Trigger("a", v1::Run::ON_CHANGE)->name(), run);
}

}  // namespace
}  // namespace headway::schedule
