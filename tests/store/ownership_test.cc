// Several sources that write one series: whose word is read, and what is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class OwnershipTest : public StoreTest {
 protected:
  Batch From(absl::string_view source, std::vector<VintageUpdate> updates) {
    Batch batch;
    batch.provenance.source = std::string(source);
    batch.updates = std::move(updates);
    return batch;
  }

  CommitResult CommitFrom(absl::string_view source, VintageUpdate update) {
    return Commit(From(source, {std::move(update)}));
  }

  void SetPrecedence(const std::string& source, int64_t precedence) {
    Batch batch;
    batch.precedences[source] = precedence;
    Commit(batch);
  }

  Values ReadOwn(absl::string_view source, absl::string_view as_of) {
    series::SeriesInfo own = info_;
    own.key = series::OwnKey(info_.key, source);
    return ReadAsOf(own, as_of);
  }

  // The metrics and labels of what the selector matches.
  std::vector<std::string> Select(absl::string_view selector) {
    std::vector<std::string> keys;
    auto entries = store_->NewReader()->SelectSeries(
        series::ParseSelector(selector).value());
    EXPECT_TRUE(entries.ok()) << entries.status();
    for (const SeriesEntry& entry : *entries) {
      keys.push_back(series::FormatSeriesKey(entry.info.key));
    }
    return keys;
  }

  std::vector<std::pair<std::string, std::string>> Clashes() {
    return store_->NewReader()
        ->ScanRecords(RecordKind::kState, kClashPrefix)
        .value();
  }

  const series::SeriesInfo info_ =
      MonthlySeries("exports_usd", {{"partner", "CHN"}});
};

TEST_F(OwnershipTest, AWithdrawalTakesBackOnlyTheSourcesOwnValues) {
  CommitFrom("sample", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("live", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  CommitFrom("live", Update(info_, "2024-04-01", {}, {"2024-01"}));
  EXPECT_EQ(ReadAsOf(info_, "2024-03-15"), (Values{{"2024-01", 6}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5}}));
}

TEST_F(OwnershipTest, ASnapshotLeavesThePeriodsOfOthers) {
  CommitFrom("sample",
             Update(info_, "2024-02-01", {{"2024-01", 5}, {"2024-02", 7}}));
  CommitFrom("live", SnapshotUpdate(info_, "2024-03-01", {{"2024-01", 6}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 6}, {"2024-02", 7}}));
}

TEST_F(OwnershipTest, OfEqualPrecedenceTheLastStatementIsRead) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  CommitFrom("a", Update(info_, "2024-04-01", {{"2024-01", 7}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-02-15"), (Values{{"2024-01", 5}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-03-15"), (Values{{"2024-01", 6}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 7}}));
}

TEST_F(OwnershipTest, TheGreaterPrecedenceIsReadWhateverComesLater) {
  SetPrecedence("census", 1);
  CommitFrom("census", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  const CommitResult result = CommitFrom(
      "blog", Update(info_, "2024-03-01", {{"2024-01", 9}, {"2024-02", 8}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5}, {"2024-02", 8}}));
  EXPECT_EQ(result.changed_observations, 1);
}

TEST_F(OwnershipTest, WhatIsNotReadIsKeptAndVisible) {
  SetPrecedence("census", 1);
  CommitFrom("census", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("blog", Update(info_, "2024-03-01", {{"2024-01", 9}}));
  EXPECT_EQ(ReadOwn("blog", "2024-12-01"), (Values{{"2024-01", 9}}));
  EXPECT_EQ(ReadOwn("census", "2024-12-01"), (Values{{"2024-01", 5}}));
  EXPECT_THAT(
      Select("exports_usd{__source__=~\".+\"}"),
      ElementsAre("exports_usd{__source__=\"blog\",partner=\"CHN\"}",
                  "exports_usd{__source__=\"census\",partner=\"CHN\"}"));
}

TEST_F(OwnershipTest, OwnSeriesAreFoundOnlyWhereTheyAreAskedFor) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 9}}));
  for (absl::string_view selector :
       {"exports_usd", "{partner=\"CHN\"}", "{partner=~\"C.*\"}",
        "exports_usd{partner!=\"USA\"}"}) {
    EXPECT_THAT(Select(selector), ElementsAre("exports_usd{partner=\"CHN\"}"))
        << selector;
    int scanned = 0;
    const absl::Status status = store_->NewReader()->Scan(
        series::ParseSelector(selector).value(), {},
        [&](const ScanBatch& batch) {
          scanned += static_cast<int>(batch.series.size());
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(scanned, 1) << selector;
  }
}

TEST_F(OwnershipTest, APrecedenceThatChangesIsReadAtOnce) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 6}}));
  SetPrecedence("a", 3);
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5}}));
  SetPrecedence("b", 4);
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 6}}));
}

TEST_F(OwnershipTest, ADeliveryThatIsUnchangedChangesNothing) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  const CommitNumber last = store_->last_commit();
  CommitFrom("b", Update(info_, "2024-04-01", {{"2024-01", 6}}));
  CommitFrom("a", Update(info_, "2024-04-01", {{"2024-01", 5}}));
  EXPECT_EQ(store_->last_commit(), last);
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 6}}));
}

TEST_F(OwnershipTest, WhatWasReadBeforeTheSecondSourceCameIsReadStill) {
  clock_.AdvanceTo(At("2024-02-02"));
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  clock_.AdvanceTo(At("2024-06-02"));
  CommitFrom("b", Update(info_, "2024-01-15", {{"2024-01", 4}}));
  EXPECT_EQ(ReadAsOf(info_, "2024-01-20"), (Values{{"2024-01", 4}}));
  ReadOptions then;
  then.as_of = At("2024-01-20");
  then.recorded_by = At("2024-03-01");
  EXPECT_THAT(Read(info_, then), IsEmpty());
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5}}));
}

TEST_F(OwnershipTest, SourcesOfOnePrecedenceThatDifferAreNamed) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  EXPECT_THAT(Clashes(), IsEmpty());
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  EXPECT_THAT(Clashes(),
              ElementsAre(Pair(HasSubstr("exports_usd{partner=\"CHN\"}"),
                               "a and b differ in 1 period, 2024-01")));
  SetPrecedence("a", 1);
  EXPECT_THAT(Clashes(), IsEmpty());
}

TEST_F(OwnershipTest, HoldsAfterReopening) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  Open();
  CommitFrom("b", Update(info_, "2024-03-01", {{"2024-01", 6}}));
  Open();
  CommitFrom("b", Update(info_, "2024-04-01", {}, {"2024-01"}));
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5}}));
}

TEST_F(OwnershipTest, AnUpdateMaySpeakForAnotherSource) {
  CommitFrom("sample", Update(info_, "2024-02-01", {{"2024-01", 5}}));
  VintageUpdate withdrawal = SnapshotUpdate(info_, "2024-03-01", {});
  withdrawal.source = "sample";
  Commit(From("live",
              {Update(info_, "2024-03-01", {{"2024-02", 6}}), withdrawal}));
  EXPECT_EQ(ReadAsOf(info_, "2024-02-15"), (Values{{"2024-01", 5}}));
  EXPECT_EQ(Read(info_), (Values{{"2024-02", 6}}));
}

TEST_F(OwnershipTest, ReservedLabelsAreRefused) {
  const series::SeriesInfo own =
      MonthlySeries("exports_usd", {{"__source__", "census"}});
  const absl::Status status =
      store_->Commit(From("a", {Update(own, "2024-02-01", {{"2024-01", 5}})}))
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("__source__"));
}

TEST_F(OwnershipTest, TheUnitOfASeriesStays) {
  CommitFrom("a", Update(info_, "2024-02-01", {{"2024-01", 5000}}));
  series::SeriesInfo percent = info_;
  percent.unit = series::Unit::Parse("percent").value();
  for (absl::string_view source : {"a", "b"}) {
    const absl::Status status =
        store_
            ->Commit(
                From(source, {Update(percent, "2024-03-01", {{"2024-02", 3}})}))
            .status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << source;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("give them another metric"));
  }
  EXPECT_EQ(Read(info_), (Values{{"2024-01", 5000}}));
}

TEST_F(OwnershipTest, ADescriptionIsReadAsItWas) {
  series::SeriesInfo described = info_;
  described.title = "Exports";
  clock_.AdvanceTo(At("2024-02-02"));
  Commit({Update(described, "2024-02-01", {{"2024-01", 5}})});
  described.title = "Exports, revised";
  clock_.AdvanceTo(At("2024-06-02"));
  Commit({Update(described, "2024-06-01", {{"2024-02", 6}})});
  const SeriesId id = Find(info_);
  auto title = [&](absl::string_view as_of) {
    return store_->NewReader()->GetSeries(id, At(as_of))->info.title;
  };
  EXPECT_EQ(title("2024-01-01"), "Exports");
  EXPECT_EQ(title("2024-06-01"), "Exports");
  EXPECT_EQ(title("2024-06-03"), "Exports, revised");
  EXPECT_EQ(store_->NewReader()->GetSeries(id)->info.title, "Exports, revised");
}

TEST_F(OwnershipTest, TheSourceThatGoesFirstDescribesTheSeries) {
  series::SeriesInfo described = info_;
  described.title = "By the sample";
  CommitFrom("sample", Update(described, "2024-02-01", {{"2024-01", 5}}));
  described.title = "By a blog";
  CommitFrom("blog", Update(described, "2024-03-01", {{"2024-01", 6}}));
  EXPECT_EQ(store_->NewReader()->GetSeries(Find(info_))->info.title,
            "By the sample");
  described.title = "By the publisher";
  Batch batch =
      From("live", {Update(described, "2024-04-01", {{"2024-01", 7}})});
  batch.precedences["live"] = 1;
  Commit(batch);
  EXPECT_EQ(store_->NewReader()->GetSeries(Find(info_))->info.title,
            "By the publisher");
}

}  // namespace
}  // namespace headway::store
