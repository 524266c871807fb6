#include "daemon/pipeline/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/failures.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kKept = absl::Hours(24 * 30);

class RetentionTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ledger_ = std::make_unique<schedule::Ledger>(store_.get(), &clock_);
    retention_ = std::make_unique<Retention>(kKept, &clock_, store_.get(),
                                             ledger_.get());
  }

  // A run that has ended, by its name.
  std::string Run(const std::string& pipeline = "a",
                  v1::Run::Trigger trigger = v1::Run::MANUAL) {
    clock_.Advance(absl::Seconds(1));
    v1::Run run = ledger_->Create(pipeline, trigger, std::nullopt, {}).value();
    run.set_state(v1::Run::SUCCEEDED);
    EXPECT_TRUE(ledger_->Update(run).ok());
    return run.name();
  }
  std::vector<std::string> Runs(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back(Run());
    return names;
  }

  // The end of a pull in that run.
  void NotePull(const std::string& run, v1::RunStep::State state) {
    v1::RunStep step;
    step.set_kind(v1::RunStep::PULL);
    step.set_subject("source");
    step.set_state(state);
    *step.mutable_end_time() = messages::ToTimestamp(clock_.Now());
    store::Batch batch;
    ASSERT_TRUE(NoteEnd(*store_->NewReader(), "a", run, step, batch).ok());
    Commit(batch);
  }

  // What is left, oldest first.
  std::vector<std::string> Left() {
    schedule::Ledger::Query query;
    query.page_size = 1000;
    const std::vector<v1::Run> runs = ledger_->List(query)->runs;
    std::vector<std::string> names;
    for (const v1::Run& run : runs) {
      names.insert(names.begin(), run.name());
    }
    return names;
  }

  // Calls DoSome when it wants to be called, until it has done all there is.
  // Returns how many parts that took.
  int DoAll() {
    for (int parts = 1;; ++parts) {
      const absl::Time next = retention_->DoSome();
      if (next - clock_.Now() > absl::Minutes(1)) return parts;
      clock_.AdvanceTo(next);
    }
  }

  std::unique_ptr<schedule::Ledger> ledger_;
  std::unique_ptr<Retention> retention_;
};

TEST_F(RetentionTest, DeletesAFewRunsAtATimeASecondApart) {
  Runs(120);
  clock_.Advance(2 * kKept);
  EXPECT_EQ(retention_->DoSome(), clock_.Now() + absl::Seconds(1));
  EXPECT_THAT(Left(), SizeIs(70));
}

TEST_F(RetentionTest, GoesOnWithThePartsUntilAllIsDone) {
  const std::vector<std::string> runs = Runs(120);
  clock_.Advance(2 * kKept);
  EXPECT_EQ(DoAll(), 3);
  EXPECT_THAT(Left(), ElementsAre(runs.back()));
}

TEST_F(RetentionTest, ComesBackADayAfterAllIsDone) {
  EXPECT_EQ(retention_->DoSome(), clock_.Now() + absl::Hours(24));
}

TEST_F(RetentionTest, TheNextRoundDeletesWhatHasBecomeOldSince) {
  Runs(120);
  clock_.Advance(2 * kKept);
  DoAll();
  const std::vector<std::string> later = Runs(60);
  DoAll();
  EXPECT_EQ(Left(), later);
  clock_.Advance(2 * kKept);
  DoAll();
  EXPECT_THAT(Left(), ElementsAre(later.back()));
}

TEST_F(RetentionTest, KeepsRunsForAsLongAsItIsTold) {
  const std::vector<std::string> runs = Runs(3);
  clock_.Advance(kKept - absl::Seconds(3));
  DoAll();
  EXPECT_EQ(Left(), runs);
}

TEST_F(RetentionTest, KeepsTheNewestRunOfEachPipeline) {
  Runs(2);
  const std::string b = Run("b");
  const std::string a = Run("a");
  clock_.Advance(2 * kKept);
  DoAll();
  EXPECT_THAT(Left(), ElementsAre(b, a));
}

TEST_F(RetentionTest, KeepsTheNewestPullOfAPipeline) {
  Run();
  const std::string pull = Run("a", v1::Run::SCHEDULED);
  Run("a", v1::Run::ON_CHANGE);
  const std::string newest = Run("a", v1::Run::ON_CHANGE);
  clock_.Advance(2 * kKept);
  DoAll();
  EXPECT_THAT(Left(), ElementsAre(pull, newest));
}

TEST_F(RetentionTest, KeepsTheRunThatAStandingFailurePointsTo) {
  const std::vector<std::string> runs = Runs(4);
  NotePull(runs[1], v1::RunStep::FAILED);
  clock_.Advance(2 * kKept);
  DoAll();
  EXPECT_THAT(Left(), ElementsAre(runs[1], runs.back()));
}

TEST_F(RetentionTest, DeletesTheRunOfAFailureThatWasMended) {
  const std::vector<std::string> runs = Runs(4);
  NotePull(runs[1], v1::RunStep::FAILED);
  NotePull(runs[2], v1::RunStep::SUCCEEDED);
  clock_.Advance(2 * kKept);
  DoAll();
  EXPECT_THAT(Left(), Not(Contains(runs[1])));
}

TEST_F(RetentionTest, TriesAgainAnHourAfterTheStoreRefused) {
  Runs(2);
  // The store takes nothing while the clock is doubted.
  clock_.SetSynchronised(false);
  clock_.SetWallClock(clock_.Now() + absl::Hours(24 * 365 * 50));
  EXPECT_EQ(retention_->DoSome(), clock_.Now() + absl::Hours(1));
}

}  // namespace
}  // namespace headway::pipeline
