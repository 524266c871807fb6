// What a read answers, by known_at and by recorded_at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BitemporalTest : public StoreTest {
 protected:
  const series::SeriesInfo info_ = MonthlySeries("exports_usd");
};

class WorkedExampleTest : public BitemporalTest {
 protected:
  void SetUp() override {
    BitemporalTest::SetUp();
    clock_.AdvanceTo(At("2024-05-10"));
    Commit({Update(info_, "2024-05-08", {{"2024-03", 5.0}})});
    clock_.AdvanceTo(At("2024-06-12"));
    Commit({Update(info_, "2024-06-09", {{"2024-03", 5.2}})});
    clock_.AdvanceTo(At("2024-06-20"));
    Commit({Update(info_, "2024-06-01", {{"2024-03", 5.1}})});
  }
};

TEST_F(WorkedExampleTest, AnswersWithTheFirstReleaseBeforeTheRevisions) {
  EXPECT_EQ(ReadAsOf(info_, "2024-05-20"), (Values{{"2024-03", 5.0}}));
}

TEST_F(WorkedExampleTest, AnswersWithTheBackfilledVintageFromItsKnownAtOn) {
  EXPECT_EQ(ReadAsOf(info_, "2024-06-05"), (Values{{"2024-03", 5.1}}));
}

TEST_F(WorkedExampleTest, AnswersAsBeforeTheBackfillWhenReadByRecordedAt) {
  ReadOptions options;
  options.as_of = At("2024-06-05");
  options.recorded_by = At("2024-06-15");
  EXPECT_EQ(Read(info_, options), (Values{{"2024-03", 5.0}}));
}

TEST_F(WorkedExampleTest, TheBackfillDoesNotReachBeyondTheNextVintage) {
  EXPECT_EQ(ReadAsOf(info_, "2024-06-10"), (Values{{"2024-03", 5.2}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-03", 5.2}}));
}

TEST_F(WorkedExampleTest, NothingIsKnownBeforeTheFirstRelease) {
  EXPECT_THAT(ReadAsOf(info_, "2024-05-07"), IsEmpty());
}

TEST_F(WorkedExampleTest, ListsTheVintagesByKnownAt) {
  auto vintages = store_->NewReader()->ListVintages(Find(info_));
  ASSERT_TRUE(vintages.ok()) << vintages.status();
  std::vector<absl::Time> known_at, recorded_at;
  std::vector<double> values;
  for (const Vintage& vintage : *vintages) {
    known_at.push_back(vintage.known_at);
    recorded_at.push_back(vintage.recorded_at);
    ASSERT_THAT(vintage.ordinals, ElementsAre(Ordinal("2024-03")));
    values.push_back(vintage.values[0]);
  }
  EXPECT_THAT(known_at, ElementsAre(At("2024-05-08"), At("2024-06-01"),
                                    At("2024-06-09")));
  EXPECT_THAT(recorded_at, ElementsAre(At("2024-05-10"), At("2024-06-20"),
                                       At("2024-06-12")));
  EXPECT_THAT(values, ElementsAre(5.0, 5.1, 5.2));
}

TEST_F(BitemporalTest, AVintageIsKnownFromItsKnownAtOnInclusive) {
  Commit({Update(info_, "2024-05-08", {{"2024-03", 5.0}})});
  ReadOptions options;
  options.as_of = At("2024-05-08");
  EXPECT_EQ(Read(info_, options), (Values{{"2024-03", 5.0}}));
  options.as_of -= absl::Microseconds(1);
  EXPECT_THAT(Read(info_, options), IsEmpty());
}

TEST_F(BitemporalTest, APeriodThatOnlyAnInsertedVintageTouchedDoesNotLeak) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}, {"2023-11", 2}})});
  Commit({Update(info_, "2024-03-01", {{"2023-10", 10}})});
  clock_.Advance(absl::Hours(1));
  const absl::Time before = clock_.Now();
  clock_.Advance(absl::Hours(1));
  Commit({Update(info_, "2024-02-01", {{"2023-11", 20}})});

  EXPECT_EQ(ReadAsOf(info_, "2024-02-15"),
            (Values{{"2023-10", 1}, {"2023-11", 20}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-03-01"),
            (Values{{"2023-10", 10}, {"2023-11", 2}}));
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 10}, {"2023-11", 2}}));
  ReadOptions then;
  then.recorded_by = before;
  then.as_of = At("2024-02-15");
  EXPECT_EQ(Read(info_, then), (Values{{"2023-10", 1}, {"2023-11", 2}}));
}

TEST_F(BitemporalTest, HistoryFromBeforeTheSeriesBeganHoldsOn) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}, {"2023-11", 2}})});
  Commit({Update(info_, "2020-02-01", {{"2019-12", 7}})});
  Commit({Update(info_, "2020-03-01", {{"2019-12", 8}})});
  EXPECT_EQ(Read(info_),
            (Values{{"2019-12", 8}, {"2023-10", 1}, {"2023-11", 2}}));
  EXPECT_EQ(ReadAsOf(info_, "2020-02-15"), (Values{{"2019-12", 7}}));
}

TEST_F(BitemporalTest, ASnapshotWithdrawsThePeriodsThatItLeavesOut) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}, {"2023-11", 2}})});
  Commit(
      {SnapshotUpdate(info_, "2024-02-01", {{"2023-11", 2}, {"2023-12", 3}})});
  EXPECT_EQ(Read(info_), (Values{{"2023-11", 2}, {"2023-12", 3}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-01-15"),
            (Values{{"2023-10", 1}, {"2023-11", 2}}));
}

TEST_F(BitemporalTest, AWithdrawnValueIsAbsentFromThenOn) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}, {"2023-11", 2}})});
  Commit({Update(info_, "2024-02-01", {}, {"2023-10"})});
  EXPECT_EQ(Read(info_), (Values{{"2023-11", 2}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-01-15"),
            (Values{{"2023-10", 1}, {"2023-11", 2}}));
}

TEST_F(BitemporalTest, UnchangedValuesMakeNoVintage) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  const CommitResult result =
      Commit({Update(info_, "2024-02-01", {{"2023-10", 1}})});
  EXPECT_THAT(result.changed_series, IsEmpty());
  EXPECT_EQ(result.changed_observations, 0);
  auto vintages = store_->NewReader()->ListVintages(Find(info_));
  ASSERT_TRUE(vintages.ok());
  EXPECT_EQ(vintages->size(), 1u);
}

TEST_F(BitemporalTest, ARestatedWordIsKeptThoughItIsNoNews) {
  Commit({Update(info_, "2024-02-01", {{"2024-01", 1.0}})});
  VintageUpdate again = Update(info_, "2024-03-01", {{"2024-01", 1.0}});
  again.restated = {Ordinal("2024-01")};
  EXPECT_EQ(Commit({again}).changed_observations, 1);
  EXPECT_EQ(Commit({again}).changed_observations, 0);

  const auto vintages =
      store_->NewReader()->ListVintages(Find(info_), Reader::Statements::kAll);
  ASSERT_EQ(vintages->size(), 2u);
  EXPECT_THAT((*vintages)[1].values, ElementsAre(1.0));
  // It stands by its word when the one before it is corrected.
  Commit({Update(info_, "2024-02-01", {{"2024-01", 2.0}})});
  EXPECT_EQ(ReadAsOf(info_, "2024-03-01"), (Values{{"2024-01", 1.0}}));
}

TEST_F(BitemporalTest, AVintageCoversTheSpanThatItIsGiven) {
  Commit({Update(info_, "2024-02-01", {{"2023-12", 1.0}, {"2024-01", 1.0}})});
  VintageUpdate narrow = Update(info_, "2024-03-01", {{"2024-01", 2.0}});
  narrow.covers = Coverage{
      .all = false, .first = Ordinal("2024-01"), .last = Ordinal("2024-01")};
  Commit({narrow});
  Commit({Update(info_, "2024-02-15", {{"2023-12", 5.0}})});
  EXPECT_EQ(ReadAsOf(info_, "2024-03-01"),
            (Values{{"2023-12", 5.0}, {"2024-01", 2.0}}));
}

TEST_F(BitemporalTest, AVintageThatCoversAllWithdrawsNothingOfWhatStood) {
  Commit({Update(info_, "2024-02-01", {{"2024-01", 1.0}})});
  VintageUpdate whole = Update(info_, "2024-03-01", {{"2024-02", 2.0}});
  whole.covers = Coverage{.all = true};
  Commit({whole});
  Commit({Update(info_, "2024-02-15", {{"2023-06", 5.0}})});
  EXPECT_EQ(ReadAsOf(info_, "2024-03-01"),
            (Values{{"2024-01", 1.0}, {"2024-02", 2.0}}));
}

}  // namespace
}  // namespace headway::store
