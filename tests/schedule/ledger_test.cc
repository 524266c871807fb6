#include "daemon/schedule/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/schedule/run_records.h"
#include "tests/support/store_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class LedgerTest : public store::StoreTest {
 protected:
  v1::Run Create(absl::string_view job,
                 v1::Run::Trigger trigger = v1::Run::MANUAL) {
    clock_.Advance(absl::Minutes(1));
    return ledger_->Create(job, trigger, std::nullopt, {}).value();
  }

  void End(v1::Run run, v1::Run::State state) {
    run.set_state(state);
    ASSERT_TRUE(ledger_->Update(run).ok());
  }

  void SetUp() override {
    StoreTest::SetUp();
    ledger_ = std::make_unique<Ledger>(store_.get(), &clock_);
  }

  void Reopen() {
    ledger_.reset();
    Open();
    ledger_ = std::make_unique<Ledger>(store_.get(), &clock_);
  }

  static std::vector<std::string> Names(const std::vector<v1::Run>& runs) {
    std::vector<std::string> names;
    for (const v1::Run& run : runs) names.push_back(run.name());
    return names;
  }

  std::unique_ptr<Ledger> ledger_;
};

TEST_F(LedgerTest, NamesARunByJobAndTimeOfCreation) {
  clock_.AdvanceTo(store::At("2024-03-05") + absl::Hours(6));
  EXPECT_EQ(ledger_->Create("chips", v1::Run::MANUAL, std::nullopt, {})->name(),
            "pipelines/chips/runs/20240305-060000.000000");
}

TEST_F(LedgerTest, GivesRunsOfOneInstantNamesThatRise) {
  const auto first = ledger_->Create("a", v1::Run::MANUAL, std::nullopt, {});
  const auto second = ledger_->Create("a", v1::Run::MANUAL, std::nullopt, {});
  EXPECT_LT(first->name(), second->name());
}

TEST_F(LedgerTest, NamesRiseThoughTheClockWasSetBack) {
  const v1::Run before = Create("a");
  ledger_.reset();
  store_.reset();
  SimulatedClock earlier(clock_.Now() - absl::Hours(48));
  auto store = store::Store::Open(directory_.path(), &earlier, {});
  ASSERT_TRUE(store.ok());
  Ledger ledger(store->get(), &earlier);
  const auto after = ledger.Create("a", v1::Run::MANUAL, std::nullopt, {});
  EXPECT_GT(after->name(), before.name());
}

TEST_F(LedgerTest, AClockInDoubtNamesNoRunAndLeavesNoTrace) {
  clock_.SetSynchronised(false);
  ASSERT_TRUE(ledger_->Create("trade", v1::Run::MANUAL, std::nullopt, {}).ok());
  const absl::Time today = clock_.Now();
  clock_.SetWallClock(store::At("2090-01-01"));
  EXPECT_EQ(ledger_->Create("trade", v1::Run::MANUAL, std::nullopt, {})
                .status()
                .code(),
            absl::StatusCode::kFailedPrecondition);
  clock_.SetWallClock(today + absl::Minutes(1));
  const auto run = ledger_->Create("trade", v1::Run::MANUAL, std::nullopt, {});
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->name(), testing::Not(HasSubstr("/2090")));
}

TEST_F(LedgerTest, KeepsARunOverARestart) {
  v1::Run run = Create("a");
  run.set_state(v1::Run::RUNNING);
  run.add_steps()->set_subject("census");
  ASSERT_TRUE(ledger_->Update(run).ok());
  Reopen();
  EXPECT_EQ(ledger_->Get(run.name())->SerializeAsString(),
            run.SerializeAsString());
}

TEST_F(LedgerTest, CommitsRecordsWithTheRunThatTheyBelongTo) {
  const auto run = ledger_->Create(
      "a", v1::Run::SCHEDULED, clock_.Now(),
      {.records = {{store::RecordKind::kState, "slot", "taken"}}});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(*store_->NewReader()->FindRecord(store::RecordKind::kState, "slot"),
            "taken");
}

TEST_F(LedgerTest, ShowsAPublishedStateAndForgetsItAtARestart) {
  v1::Run run = Create("a");
  run.set_state(v1::Run::RUNNING);
  ledger_->Publish(run);
  EXPECT_EQ(ledger_->Get(run.name())->state(), v1::Run::RUNNING);
  EXPECT_EQ(ledger_->List({})->runs[0].state(), v1::Run::RUNNING);
  Reopen();
  EXPECT_EQ(ledger_->Get(run.name())->state(), v1::Run::QUEUED);
}

TEST_F(LedgerTest, ListsNewestFirst) {
  const v1::Run a = Create("a");
  const v1::Run b = Create("b");
  const v1::Run c = Create("a");
  EXPECT_THAT(Names(ledger_->List({})->runs),
              ElementsAre(c.name(), b.name(), a.name()));
}

TEST_F(LedgerTest, ListsTheRunsOfOneJob) {
  const v1::Run a = Create("a");
  Create("ab");
  const v1::Run c = Create("a");
  Ledger::Query query;
  query.job = "a";
  EXPECT_THAT(Names(ledger_->List(query)->runs),
              ElementsAre(c.name(), a.name()));
}

TEST_F(LedgerTest, PagesVisitEveryFittingRunOnce) {
  std::vector<std::string> failed;
  for (int i = 0; i < 25; ++i) {
    const v1::Run run = Create("a");
    End(run, i % 3 == 0 ? v1::Run::FAILED : v1::Run::SUCCEEDED);
    if (i % 3 == 0) failed.insert(failed.begin(), run.name());
  }
  Ledger::Query query;
  query.state = v1::Run::FAILED;
  query.page_size = 2;
  std::vector<std::string> listed;
  do {
    const auto page = ledger_->List(query);
    ASSERT_TRUE(page.ok());
    EXPECT_LE(page->runs.size(), 2);
    for (const v1::Run& run : page->runs) listed.push_back(run.name());
    query.page_token = page->next_page_token;
  } while (!query.page_token.empty());
  EXPECT_EQ(listed, failed);
}

TEST_F(LedgerTest, GivesNoTokenAfterTheLastFullPage) {
  Create("a");
  Create("a");
  Ledger::Query query;
  query.page_size = 2;
  EXPECT_EQ(ledger_->List(query)->next_page_token, "");
}

TEST_F(LedgerTest, FiltersByTrigger) {
  Create("a", v1::Run::MANUAL);
  const v1::Run changed = Create("a", v1::Run::ON_CHANGE);
  Ledger::Query query;
  query.trigger = v1::Run::ON_CHANGE;
  EXPECT_THAT(Names(ledger_->List(query)->runs), ElementsAre(changed.name()));
}

TEST_F(LedgerTest, ListsWhatHasNotEndedOldestFirst) {
  const v1::Run a = Create("a");
  const v1::Run b = Create("b");
  const v1::Run c = Create("c");
  End(b, v1::Run::SUCCEEDED);
  Reopen();
  EXPECT_THAT(Names(*ledger_->ListActive()), ElementsAre(a.name(), c.name()));
}

TEST_F(LedgerTest, TellsListenersOfEveryChangeUntilTheyLeave) {
  std::vector<v1::Run::State> seen;
  auto subscription = ledger_->Subscribe(
      [&](const v1::Run& run) { seen.push_back(run.state()); });
  v1::Run run = Create("a");
  run.set_state(v1::Run::RUNNING);
  ledger_->Publish(run);
  End(run, v1::Run::SUCCEEDED);
  subscription.reset();
  Create("a");
  EXPECT_THAT(
      seen, ElementsAre(v1::Run::QUEUED, v1::Run::RUNNING, v1::Run::SUCCEEDED));
}

TEST_F(LedgerTest, TheLatestRunOfAJobWithoutRunsIsAbsent) {
  Create("a");
  EXPECT_EQ(*ledger_->Latest("b"), std::nullopt);
}

TEST_F(LedgerTest, RefusesAMalformedNameAndAForeignPageToken) {
  EXPECT_THAT(std::string(ledger_->Get("runs/7").status().message()),
              HasSubstr("write pipelines/NAME/runs/ID"));
  Ledger::Query query;
  query.page_token = "job/x";
  EXPECT_EQ(ledger_->List(query).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(LedgerTest, AnUnknownRunIsNotFoundNorOneUnderAnotherJob) {
  const v1::Run run = Create("a");
  std::string other = run.name();
  other.replace(other.find("/a/"), 3, "/b/");
  EXPECT_TRUE(absl::IsNotFound(ledger_->Get(other).status()));
  EXPECT_TRUE(absl::IsNotFound(
      ledger_->Get("pipelines/a/runs/19990101-000000.000000").status()));
}

TEST_F(LedgerTest, WritesOnlyWhatChanged) {
  v1::Run run = Create("a");
  run.set_state(v1::Run::RUNNING);
  run.add_steps()->set_subject("first");
  run.add_steps()->set_subject("second");
  ASSERT_TRUE(ledger_->Update(run).ok());
  // What is taken away behind the ledger's back is not written again.
  const std::string id = ParseRunName(run.name())->id;
  store::Batch batch;
  batch.records.push_back(RunRecord(StepKey(id, 0), std::nullopt));
  Commit(batch);
  const store::CommitNumber before = store_->last_commit();
  ASSERT_TRUE(ledger_->Update(run).ok());
  EXPECT_EQ(store_->last_commit(), before);
  run.mutable_steps(1)->set_state(v1::RunStep::SUCCEEDED);
  ASSERT_TRUE(ledger_->Update(run).ok());
  const auto stored = ledger_->Get(run.name());
  ASSERT_EQ(stored->steps_size(), 1);
  EXPECT_EQ(stored->steps(0).subject(), "second");
}

TEST_F(LedgerTest, ForgetsStepsThatARunHasNoMore) {
  v1::Run run = Create("a");
  run.add_steps()->set_subject("first");
  run.add_steps()->set_subject("second");
  ASSERT_TRUE(ledger_->Update(run).ok());
  Reopen();
  run.mutable_steps()->RemoveLast();
  ASSERT_TRUE(ledger_->Update(run).ok());
  EXPECT_EQ(ledger_->Get(run.name())->steps_size(), 1);
}

// Before the steps had records of their own.
TEST_F(LedgerTest, ReadsAndContinuesRunsOfBefore) {
  const std::string id = "20230105-060000.000000";
  v1::Run run;
  run.set_name("pipelines/a/runs/" + id);
  run.set_state(v1::Run::RUNNING);
  run.set_trigger(v1::Run::MANUAL);
  run.add_steps()->set_subject("census");
  store::Batch batch;
  batch.records.push_back(RunRecord(RunKey(id), run.SerializeAsString()));
  batch.records.push_back(RunRecord(JobKeyPrefix("a") + id, ""));
  batch.records.push_back(RunRecord(ActiveKey(id), ""));
  Commit(batch);
  EXPECT_EQ(ledger_->Get(run.name())->steps_size(), 1);
  Ledger::Query query;
  query.state = v1::Run::RUNNING;
  EXPECT_THAT(Names(ledger_->List(query)->runs), ElementsAre(run.name()));

  run.set_state(v1::Run::SUCCEEDED);
  run.add_steps()->set_subject("derive");
  ASSERT_TRUE(ledger_->Update(run).ok());
  Reopen();
  EXPECT_EQ(ledger_->Get(run.name())->SerializeAsString(),
            run.SerializeAsString());
  query.state = v1::Run::SUCCEEDED;
  query.job = "a";
  EXPECT_THAT(Names(ledger_->List(query)->runs), ElementsAre(run.name()));
  EXPECT_EQ(ledger_->LatestPull("a")->value().name(), run.name());
}

TEST_F(LedgerTest, APageEndsBeforeItIsTooLarge) {
  for (int i = 0; i < 3; ++i) {
    v1::Run run = Create("a");
    run.set_error(std::string(1000, 'x'));
    ASSERT_TRUE(ledger_->Update(run).ok());
  }
  Ledger::Query query;
  query.page_bytes = 2500;
  const auto first = ledger_->List(query);
  EXPECT_EQ(first->runs.size(), 2);
  query.page_token = first->next_page_token;
  EXPECT_EQ(ledger_->List(query)->runs.size(), 1);
  query.page_token.clear();
  query.page_bytes = 1;
  EXPECT_EQ(ledger_->List(query)->runs.size(), 1);
}

TEST_F(LedgerTest, TheLatestPullIsNoRunOnChangeAndHasEnded) {
  const v1::Run pull = Create("a", v1::Run::SCHEDULED);
  End(pull, v1::Run::FAILED);
  End(Create("a", v1::Run::ON_CHANGE), v1::Run::SUCCEEDED);
  Create("a", v1::Run::MANUAL);
  EXPECT_EQ(ledger_->LatestPull("a")->value().name(), pull.name());
}

TEST_F(LedgerTest, DeletesOldRunsButTheNewestOnesAndThoseThatAreKept) {
  std::vector<std::string> names;
  for (int i = 0; i < 6; ++i) {
    const v1::Run run =
        Create("a", i == 3 ? v1::Run::SCHEDULED : v1::Run::ON_CHANGE);
    End(run, v1::Run::SUCCEEDED);
    names.push_back(run.name());
  }
  const v1::Run other = Create("b");  // has not ended
  std::string after;
  int deleted = 0;
  do {
    const auto round = ledger_->DeleteBefore(
        clock_.Now() + absl::Hours(1), after, 2,
        [&](const std::string& name) { return name == names[1]; });
    ASSERT_TRUE(round.ok()) << round.status();
    deleted += round->deleted;
    after = round->after;
  } while (!after.empty());
  EXPECT_EQ(deleted, 3);
  EXPECT_THAT(Names(ledger_->List({})->runs),
              ElementsAre(other.name(), names[5], names[3], names[1]));
  EXPECT_TRUE(absl::IsNotFound(ledger_->Get(names[0]).status()));
}

TEST_F(LedgerTest, ADeletedRunTakesTheRequestsThatItAnsweredWithIt) {
  const v1::Run old =
      ledger_->Create("a", v1::Run::MANUAL, std::nullopt, {}, "order-1")
          .value();
  // Answered with the run that was queued already.
  ASSERT_TRUE(ledger_->NoteRequest("a", "order-2", old).ok());
  End(old, v1::Run::SUCCEEDED);
  const v1::Run newest = Create("a");
  ASSERT_TRUE(ledger_->NoteRequest("a", "order-3", newest).ok());
  End(newest, v1::Run::SUCCEEDED);
  ASSERT_EQ(ledger_
                ->DeleteBefore(clock_.Now() + absl::Hours(1), "", 100,
                               [](const std::string&) { return false; })
                ->deleted,
            1);
  const auto requests = store_->NewReader()->ScanRecords(
      store::RecordKind::kRuns, kRequestPrefix);
  ASSERT_TRUE(requests.ok()) << requests.status();
  EXPECT_THAT(*requests, ElementsAre(Pair(RequestKey("a", "order-3"), _)));
}

TEST_F(LedgerTest, KeepsRunsThatAreNotOld) {
  End(Create("a"), v1::Run::SUCCEEDED);
  const absl::Time before = clock_.Now();
  End(Create("a"), v1::Run::SUCCEEDED);
  End(Create("a"), v1::Run::SUCCEEDED);
  EXPECT_EQ(ledger_
                ->DeleteBefore(before, "", 100,
                               [](const std::string&) { return false; })
                ->deleted,
            0);
}

}  // namespace
}  // namespace headway::schedule
