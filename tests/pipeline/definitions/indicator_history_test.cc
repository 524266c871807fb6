#include "daemon/pipeline/definitions/indicator_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "daemon/pipeline/derivation.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class IndicatorHistoryTest : public store::StoreTest {
 protected:
  static Definitions Define(const std::string& expression,
                            const std::string& title = "Exports") {
    Definitions definitions;
    Indicator indicator;
    indicator.name = "exports";
    indicator.title = title;
    indicator.expression = expression;
    definitions.indicators["exports"] = indicator;
    definitions.expressions.insert_or_assign(
        "exports", query::IndicatorDefinition{query::Parse(expression).value(),
                                              series::Unit()});
    return definitions;
  }

  void Take(const Definitions& definitions) {
    clock_.Advance(absl::Hours(24));
    store::Batch batch;
    batch.records = history_.Add(definitions, clock_.Now());
    if (!batch.records.empty()) Commit(batch);
  }

  IndicatorHistory history_;
};

TEST_F(IndicatorHistoryTest, AVersionCountsFromWhenItWasTaken) {
  Take(Define("a"));
  const absl::Time first = clock_.Now();
  Take(Define("b"));
  EXPECT_EQ(history_.At("exports", first)->expression, "a");
  EXPECT_EQ(history_.At("exports", clock_.Now())->expression, "b");
  EXPECT_EQ(history_.At("exports", absl::InfiniteFuture())->number, 2);
}

TEST_F(IndicatorHistoryTest, TheFirstVersionCountsBeforeThereWasOne) {
  Take(Define("a"));
  EXPECT_EQ(history_.At("exports", absl::UnixEpoch())->expression, "a");
}

TEST_F(IndicatorHistoryTest, TheSameDefinitionIsNoNewVersion) {
  Take(Define("a"));
  EXPECT_THAT(history_.Add(Define("a"), clock_.Now()), IsEmpty());
}

TEST_F(IndicatorHistoryTest, AnotherTitleIsANewVersion) {
  Take(Define("a"));
  EXPECT_THAT(history_.Add(Define("a", "Exports of chips"), clock_.Now()),
              SizeIs(1));
}

TEST_F(IndicatorHistoryTest, OtherMembersAreANewVersionThatIsReadBack) {
  Definitions definitions = Define("a");
  Take(definitions);
  const std::vector<query::MemberSet> members = {{"to", {"CHN", "JPN"}}};
  definitions.indicators["exports"].members = members;
  definitions.expressions.at("exports").members = members;
  Take(definitions);
  const auto read = IndicatorHistory::Read(*store_->NewReader());
  ASSERT_TRUE(read.ok()) << read.status();
  const IndicatorVersion* newest = read->At("exports", clock_.Now());
  EXPECT_EQ(newest->number, 2);
  EXPECT_EQ(newest->members, members);
  EXPECT_EQ(newest->compiled->members, members);
}

TEST_F(IndicatorHistoryTest, IsReadBackFromTheStore) {
  Take(Define("a"));
  const absl::Time first = clock_.Now();
  Take(Define("b"));
  const auto read = IndicatorHistory::Read(*store_->NewReader());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->At("exports", first)->expression, "a");
  EXPECT_EQ(read->At("exports", clock_.Now())->since, clock_.Now());
}

TEST_F(IndicatorHistoryTest, OnlyWhatIsDifferentThenIsAMapOfItsOwn) {
  Take(Define("a"));
  const Definitions now = Define("b");
  const absl::Time first = clock_.Now();
  EXPECT_EQ(history_.ExpressionsAt(first, Define("a").expressions), nullptr);
  Take(now);
  EXPECT_EQ(history_.ExpressionsAt(clock_.Now(), now.expressions), nullptr);
  EXPECT_EQ(history_.ExpressionsAt(first, now.expressions)
                ->at("exports")
                .expression.text(),
            "a");
}

TEST_F(IndicatorHistoryTest, ADefinitionOfThenThatCannotBeReadIsNotThere) {
  Take(Define("a"));
  const absl::Time first = clock_.Now();
  Take(Define("b"));
  store::Batch batch;
  batch.records = {{store::RecordKind::kState, "indicator/exports/000001",
                    "0\n\x22\x03)(("}};
  Commit(batch);
  const auto read = IndicatorHistory::Read(*store_->NewReader());
  EXPECT_THAT(*read->ExpressionsAt(first, Define("b").expressions), IsEmpty());
}

// A record of another kind there would be reported at every start.
TEST_F(IndicatorHistoryTest, WhatWasDerivedLastLiesElsewhere) {
  store::Batch batch;
  batch.records = {DerivedStateRecord("exports", DerivedState()),
                   IssueStateRecord("exports", IssueState())};
  Commit(batch);
  EXPECT_THAT(store_->NewReader()
                  ->ScanRecords(store::RecordKind::kState, "indicator/")
                  .value(),
              IsEmpty());
}

}  // namespace
}  // namespace headway::pipeline
