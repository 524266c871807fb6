// Evaluations that are kept and shared.
#include "daemon/pipeline/evaluations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "tests/pipeline/manager_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kTwo[] = R"(pipeline {
  name: "p"
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
  indicator { name: "twice" expression: "2 * exports" unit: "USD" }
  indicator { name: "imports" expression: "imports_usd" unit: "USD" }
})";

class EvaluationsTest : public PipelineManagerTest {
 protected:
  void SetUp() override {
    PipelineManagerTest::SetUp();
    Define("p.textproto", kTwo);
    CreateEngine();
    Push("exports_usd", {1, 2, 3});
    Push("imports_usd", {7});
  }
  std::shared_ptr<const Evaluation> Read(const std::string& name) {
    const auto evaluation = manager_->ReadIndicator(name);
    EXPECT_TRUE(evaluation.ok()) << evaluation.status();
    return evaluation.value_or(nullptr);
  }
  static std::vector<double> ValuesOf(const Evaluation& evaluation) {
    return evaluation.panel.columns.at(0).observations.values;
  }
};

TEST_F(EvaluationsTest, TheSameIsSharedByAllWhoAsk) {
  EXPECT_EQ(Read("twice"), Read("twice"));
}

TEST_F(EvaluationsTest, ACommitThatTouchesAnInputMakesANewOne) {
  const auto before = Read("twice");
  Push("exports_usd", {1, 2, 4});
  const auto after = Read("twice");
  EXPECT_THAT(ValuesOf(*after), ElementsAre(2, 4, 8));
  EXPECT_NE(after->hash, before->hash);
  EXPECT_THAT(ValuesOf(*before), ElementsAre(2, 4, 6));
}

TEST_F(EvaluationsTest, ACommitThatTouchesOtherSeriesLeavesItAlone) {
  const auto before = Read("twice");
  Push("imports_usd", {8});
  EXPECT_EQ(Read("twice"), before);
}

TEST_F(EvaluationsTest, NewDefinitionsMakeANewOne) {
  Read("twice");
  Define("p.textproto", R"(pipeline {
  name: "p"
  indicator { name: "twice" expression: "3 * exports_usd" unit: "USD" }
})");
  ASSERT_TRUE(manager_->Reload().ok());
  EXPECT_THAT(ValuesOf(*Read("twice")), ElementsAre(3, 6, 9));
}

TEST_F(EvaluationsTest, WhatWasRecordedByItsInstantIsReadAgain) {
  const auto before = Read("twice");
  clock_.Advance(absl::Hours(1));
  Push("exports_usd", {1, 2, 4});
  const auto again =
      manager_->ReadIndicator("twice", {.recorded_by = before->recorded_by});
  EXPECT_EQ((*again)->hash, before->hash);
}

TEST_F(EvaluationsTest, ACallerThatGivesUpLeavesNothingToTheOthers) {
  const auto given_up = manager_->ReadIndicator(
      "twice", {.check_alive = [] { return absl::CancelledError("gone"); }});
  // Three values are evaluated before anybody asks; either way the next caller
  // gets them.
  EXPECT_TRUE(given_up.ok() || absl::IsCancelled(given_up.status()));
  EXPECT_THAT(ValuesOf(*Read("twice")), ElementsAre(2, 4, 6));
}

TEST_F(EvaluationsTest, WhatIsKeptIsBounded) {
  Evaluations evaluations({.kept_bytes = 1}, store_.get(),
                          [this] { return manager_->definitions(); });
  const auto first = evaluations.Read("exports", {});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_NE(*evaluations.Read("exports", {}), *first);
}

TEST_F(EvaluationsTest, EvaluationsUnderWayAreBoundedTogether) {
  Evaluations evaluations({.working_bytes = 100}, store_.get(),
                          [this] { return manager_->definitions(); });
  const absl::Status refused = evaluations.Read("exports", {}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              ::testing::HasSubstr("ask for less, or try again"));
}

TEST_F(EvaluationsTest, ChangedIndicatorsOfBeforeTheStartAreInTheLog) {
  const store::CommitNumber before = store_->last_commit();
  Push("exports_usd", {1, 2, 4});
  CreateEngine();
  EXPECT_THAT(*manager_->ChangedIndicators(before),
              ElementsAre("exports", "twice"));
  EXPECT_THAT(*manager_->ChangedIndicators(store_->last_commit()), IsEmpty());
}

TEST_F(EvaluationsTest, AShortageOfMemoryIsNotKept) {
  constexpr int64_t kBytes = 1 << 20;
  Evaluations evaluations({.working_bytes = kBytes}, store_.get(),
                          [this] { return manager_->definitions(); });
  {
    MemoryBudget::Share others(evaluations.budget());
    ASSERT_TRUE(others.Grow(kBytes).ok());
    const absl::Status refused = evaluations.Read("exports", {}).status();
    ASSERT_TRUE(absl::IsUnavailable(refused)) << refused;
  }
  const auto evaluation = evaluations.Read("exports", {});
  EXPECT_TRUE(evaluation.ok()) << evaluation.status();
}

// An evaluation of "imports" that is under way until it is let go.
class ReloadTest : public EvaluationsTest {
 protected:
  void SetUp() override {
    EvaluationsTest::SetUp();
    PushMany("imports_usd", 1);
    early_ = std::thread([this] {
      const auto evaluation =
          manager_->ReadIndicator("imports", {.check_alive = [this] {
                                    if (!begun_.HasBeenNotified())
                                      begun_.Notify();
                                    go_on_.WaitForNotification();
                                    return absl::OkStatus();
                                  }});
      EXPECT_TRUE(evaluation.ok()) << evaluation.status();
    });
    begun_.WaitForNotification();
  }
  void Reload(const std::string& imports) {
    Define("p.textproto", absl::StrCat(R"(pipeline {
  name: "p"
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
  indicator { name: "imports" expression: ")",
                                       imports, R"(" unit: "USD" }
})"));
    ASSERT_TRUE(manager_->Reload().ok());
    // Whoever asks first finds the new definitions.
    Read("exports");
  }
  void LetGo() {
    go_on_.Notify();
    early_.join();
  }

 private:
  absl::Notification begun_;
  absl::Notification go_on_;
  std::thread early_;
};

TEST_F(ReloadTest, AnEvaluationBegunUnderOldDefinitionsIsNotKept) {
  Reload("2 * imports_usd");
  LetGo();
  EXPECT_THAT(ValuesOf(*Read("imports")), ElementsAre(14));
}

TEST_F(ReloadTest, AnEvaluationOfACommitBeforeTheReloadIsNotKept) {
  // Has its view of the store, and waits for the evaluation under way.
  absl::Notification waits;
  std::thread waiter([&] {
    const auto evaluation =
        manager_->ReadIndicator("imports", {.check_alive = [&] {
                                  if (!waits.HasBeenNotified()) waits.Notify();
                                  return absl::OkStatus();
                                }});
    EXPECT_TRUE(evaluation.ok()) << evaluation.status();
  });
  waits.WaitForNotification();
  // By the old definitions this touches something else.
  Push("exports_usd", {1, 2, 4});
  Read("exports");
  Reload("exports_usd");
  LetGo();
  waiter.join();
  EXPECT_THAT(ValuesOf(*Read("imports")), ElementsAre(1, 2, 4));
}

}  // namespace
}  // namespace headway::pipeline
