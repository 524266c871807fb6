// What Commit takes, refuses and leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/thread_pool.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/format.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class CommitTest : public StoreTest {
 protected:
  absl::Status Refusal(const VintageUpdate& update) {
    Batch batch;
    batch.updates = {update};
    return store_->Commit(batch).status();
  }

  std::vector<CommitEntry> Log() {
    auto log = store_->NewReader()->ListCommits(0, SIZE_MAX);
    EXPECT_TRUE(log.ok()) << log.status();
    return *log;
  }

  const series::SeriesInfo info_ = MonthlySeries("exports_usd", {{"hs", "85"}});
  const VintageUpdate good_ = Update(info_, "2024-01-01", {{"2023-10", 1}});
};

TEST_F(CommitTest, RefusesAValueThatIsNotFiniteAndNamesItsPeriod) {
  const absl::Status status =
      Refusal(Update(info_, "2024-01-01", {{"2023-10", kNaN}}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("exports_usd{hs=\"85\"}: the value at 2023-10 is nan"));
}

TEST_F(CommitTest, RefusesPeriodsOutOfOrder) {
  VintageUpdate update = good_;
  update.ordinals = {5, 5};
  update.values = {1, 2};
  EXPECT_THAT(std::string(Refusal(update).message()),
              HasSubstr("1970-06 comes after 1970-06"));
}

TEST_F(CommitTest, RefusesColumnsOfDifferentLength) {
  VintageUpdate update = good_;
  update.values.push_back(2);
  EXPECT_THAT(std::string(Refusal(update).message()),
              HasSubstr("1 periods, but 2 values"));
}

TEST_F(CommitTest, RefusesAPeriodBothGivenAndWithdrawn) {
  EXPECT_THAT(std::string(Refusal(Update(info_, "2024-01-01", {{"2023-10", 1}},
                                         {"2023-10"}))
                              .message()),
              HasSubstr("2023-10 has a value and is withdrawn, too"));
}

TEST_F(CommitTest, RefusesAPeriodInTheFarFuture) {
  VintageUpdate update = good_;
  update.ordinals = {100000};
  EXPECT_THAT(std::string(Refusal(update).message()),
              HasSubstr("monthly ordinal 100000"));
}

TEST_F(CommitTest, RefusesAKnownAtWithoutEnd) {
  VintageUpdate update = good_;
  update.known_at = absl::InfiniteFuture();
  EXPECT_THAT(std::string(Refusal(update).message()),
              HasSubstr("known_at infinite-future"));
}

TEST_F(CommitTest, RefusesAUnitThatCouldNotBeReadBack) {
  VintageUpdate update = good_;
  const series::Unit ninth = series::Unit::Parse("month^9").value();
  update.info.unit = ninth * ninth;
  EXPECT_THAT(std::string(Refusal(update).message()),
              HasSubstr("unit \"month^18\""));
}

TEST_F(CommitTest, RefusesABadMetric) {
  VintageUpdate update = good_;
  update.info.key.metric = "9lives";
  EXPECT_EQ(Refusal(update).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CommitTest, ARefusedBatchLeavesNothingBehind) {
  Batch batch;
  batch.updates = {good_, Update(info_, "2024-01-02", {{"2023-10", kNaN}})};
  batch.checkpoints = {{"census", "", "page 2"}};
  EXPECT_FALSE(store_->Commit(batch).ok());
  EXPECT_EQ(store_->last_commit(), 0u);
  auto reader = store_->NewReader();
  EXPECT_EQ(reader->FindSeries(info_.key).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(*reader->GetCheckpoints("census"), IsEmpty());
}

TEST_F(CommitTest, StoresSeriesCheckpointsAndRecordsTogether) {
  Batch batch;
  batch.updates = {good_};
  batch.checkpoints = {{"census", "exports", "page 2"}};
  batch.records = {{RecordKind::kRuns, "run-1", "ledger"}};
  batch.provenance = {"census", "census", "1.2", "sha", "run-1"};
  const CommitResult result = Commit(batch);
  EXPECT_EQ(result.commit, 1u);
  EXPECT_EQ(result.changed_observations, 1);
  Open();
  auto reader = store_->NewReader();
  EXPECT_EQ(reader->commit(), 1u);
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  auto checkpoints = reader->GetCheckpoints("census");
  ASSERT_THAT(*checkpoints, SizeIs(1));
  EXPECT_EQ(checkpoints->front().stream, "exports");
  EXPECT_EQ(checkpoints->front().state, "page 2");
  EXPECT_EQ(*reader->FindRecord(RecordKind::kRuns, "run-1"), "ledger");
  auto vintages = reader->ListVintages(Find(info_));
  ASSERT_THAT(*vintages, SizeIs(1));
  EXPECT_EQ(vintages->front().provenance, batch.provenance);
}

TEST_F(CommitTest, ABatchThatChangesNothingStillStoresItsCheckpoint) {
  Commit({good_});
  Batch again;
  again.updates = {Update(info_, "2024-02-01", {{"2023-10", 1}})};
  again.checkpoints = {{"census", "", "page 3"}};
  EXPECT_THAT(Commit(again).changed_series, IsEmpty());
  EXPECT_EQ(store_->NewReader()->GetCheckpoints("census")->front().state,
            "page 3");
  EXPECT_THAT(Log().back().changed_series, IsEmpty());
}

TEST_F(CommitTest, CheckpointsOfOneSourceAreNotThoseOfAnother) {
  Batch batch;
  batch.checkpoints = {{"a", "bc", "1"}, {"ab", "c", "2"}, {"a", "", "3"}};
  Commit(batch);
  auto checkpoints = store_->NewReader()->GetCheckpoints("a");
  ASSERT_THAT(*checkpoints, SizeIs(2));
  EXPECT_EQ((*checkpoints)[0].stream, "");
  EXPECT_EQ((*checkpoints)[1].stream, "bc");
}

TEST_F(CommitTest, ListsTheCommitsWithTheirSeriesAndRun) {
  const series::SeriesInfo other = MonthlySeries("imports_usd");
  Batch batch;
  batch.updates = {good_, Update(other, "2024-01-01", {{"2023-10", 1}})};
  batch.provenance.run = "run-1";
  Commit(batch);
  Commit({Update(other, "2024-02-01", {{"2023-10", 2}})});
  const std::vector<CommitEntry> log = Log();
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[0].commit, 1u);
  EXPECT_EQ(log[0].run, "run-1");
  EXPECT_THAT(log[0].changed_series, ElementsAre(Find(info_), Find(other)));
  EXPECT_THAT(log[1].changed_series, ElementsAre(Find(other)));
  EXPECT_EQ(store_->NewReader()->ListCommits(1, 10)->front().commit, 2u);
  EXPECT_THAT(*store_->NewReader()->ListCommits(2, 10), IsEmpty());
  EXPECT_THAT(*store_->NewReader()->ListCommits(UINT64_MAX, 10), IsEmpty());
}

TEST_F(CommitTest, ADamagedEntryOfTheLogHidesNoOther) {
  for (int value = 1; value <= 3; ++value) {
    Commit({Update(info_, "2024-01-01", {{"2023-10", value}})});
  }
  WriteBatch damage;
  damage.Put(Family::kCommits, EncodeId(2), "damage");
  ASSERT_TRUE(store_->engine().Write(damage).ok());
  Open();
  const std::vector<CommitEntry> log = Log();
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[0].commit, 1u);
  EXPECT_EQ(log[1].commit, 3u);
  EXPECT_EQ(store_->NewReader()->ListCommits(1, 1)->front().commit, 3u);
}

TEST_F(CommitTest, RecordedAtRisesThoughTheClockStandsStill) {
  Commit({good_});
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  EXPECT_LT(Log()[0].recorded_at, Log()[1].recorded_at);
}

TEST_F(CommitTest, RecordedAtRisesThoughTheClockWasSetBackBetweenTwoStarts) {
  Commit({good_});
  store_.reset();
  SimulatedClock earlier(clock_.Now() - absl::Hours(24));
  store_ = Store::Open(directory_.path(), &earlier, options_).value();
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  EXPECT_LT(Log()[0].recorded_at, Log()[1].recorded_at);
  store_.reset();
}

TEST_F(CommitTest, NothingIsStoredWhileTheClockIsDoubted) {
  clock_.SetSynchronised(false);
  Commit({good_});
  const absl::Time before = clock_.Now();
  clock_.SetWallClock(At("2030-01-01"));
  const VintageUpdate next = Update(info_, "2024-02-01", {{"2023-10", 2}});
  const absl::Status refused = Refusal(next);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("the clock shows 2030-01-01T00:00:00Z"));
  EXPECT_EQ(store_->CheckClock(), refused);
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
  // Nor after a restart, with the last commit as the witness.
  Open();
  EXPECT_THAT(std::string(Refusal(next).message()),
              HasSubstr("after the last commit (2024-01-01T00:00:00Z)"));
  clock_.SetWallClock(before);
  Commit({next});
  EXPECT_LT(Log().back().recorded_at, before + absl::Minutes(1));
}

TEST_F(CommitTest, ManyVintagesOfOneSeriesGoInAtOnceInAnyOrder) {
  Batch batch;
  std::vector<std::string> days;
  for (int day = 28; day >= 1; --day) {
    const std::string known_at =
        absl::StrCat("2024-02-", day < 10 ? "0" : "", day);
    batch.updates.push_back(Update(info_, known_at, {{"2023-12", day * 1.5}}));
  }
  EXPECT_EQ(Commit(batch).changed_observations, 28);
  for (int day = 1; day <= 28; ++day) {
    const std::string as_of =
        absl::StrCat("2024-02-", day < 10 ? "0" : "", day);
    EXPECT_EQ(ReadAsOf(info_, as_of), (Values{{"2023-12", day * 1.5}}));
  }
}

TEST_F(CommitTest, OfTwoUpdatesAtOneInstantTheLaterOneHolds) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}, {"2023-11", 1}}),
          Update(info_, "2024-01-01", {{"2023-10", 2}})});
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 2}, {"2023-11", 1}}));
  EXPECT_THAT(*store_->NewReader()->ListVintages(Find(info_)), SizeIs(1));
}

TEST_F(CommitTest, ADescriptionIsBroughtUpToDate) {
  Commit({good_});
  VintageUpdate update = good_;
  update.info.title = "Exports of electrical machinery";
  EXPECT_THAT(Commit({update}).changed_series, IsEmpty());
  auto entry = store_->NewReader()->FindSeries(info_.key);
  EXPECT_EQ(entry->info.title, "Exports of electrical machinery");
}

TEST_F(CommitTest, ASeriesKeepsItsIdAndNewOnesGetNewIdsAfterAReopen) {
  Commit({good_});
  const SeriesId first = Find(info_);
  Open();
  const series::SeriesInfo other = MonthlySeries("imports_usd");
  Commit({Update(other, "2024-01-01", {{"2023-10", 1}})});
  EXPECT_EQ(Find(info_), first);
  EXPECT_NE(Find(other), first);
}

TEST_F(CommitTest, ASeriesMayBeRegisteredBeforeItHasValues) {
  EXPECT_THAT(Commit({Update(info_, "2024-01-01", {})}).changed_series,
              IsEmpty());
  auto column = store_->NewReader()->Read(Find(info_));
  ASSERT_TRUE(column.ok()) << column.status();
  EXPECT_TRUE(column->empty());
  EXPECT_EQ(column->frequency, series::Frequency::kMonthly);
  EXPECT_EQ(column->known_at, absl::InfinitePast());
}

// All keys and values below the series.
std::vector<std::pair<std::string, std::string>> Bytes(
    const std::string& directory) {
  auto engine = Store::OpenEngine(directory, {});
  EXPECT_TRUE(engine.ok()) << engine.status();
  std::vector<std::pair<std::string, std::string>> bytes;
  auto view = (*engine)->NewView();
  for (Family family : {Family::kSeries, Family::kKeys, Family::kIndex,
                        Family::kCurrent, Family::kVintages}) {
    auto it = view->NewCursor(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      bytes.emplace_back(it->key(), it->value());
    }
  }
  return bytes;
}

// Vintages in order and out of it, of more series than one chunk holds.
std::vector<Batch> LargeBatches() {
  std::vector<Batch> batches;
  for (absl::string_view known_at :
       {"2024-01-01", "2024-03-01", "2024-02-01", "2024-04-01"}) {
    Batch& batch = batches.emplace_back();
    for (int i = 0; i < 1000; ++i) {
      batch.updates.push_back(
          Update(MonthlySeries("m", {{"n", absl::StrCat(i)}}), known_at,
                 {{"2023-10", i}, {"2023-11", i * batches.size() / 4.0}}));
    }
  }
  return batches;
}

TEST_F(CommitTest, SeveralThreadsWriteTheBytesThatOneWrites) {
  ThreadPool pool({.threads = 3});
  std::vector<std::vector<std::pair<std::string, std::string>>> written;
  for (int threads : {1, 4}) {
    TempDirectory directory;
    SimulatedClock clock(At("2024-06-01"));
    {
      auto store = Store::Open(
          directory.path(), &clock,
          {.full_block_interval = 2, .commit_threads = threads, .pool = &pool});
      ASSERT_TRUE(store.ok()) << store.status();
      for (const Batch& batch : LargeBatches()) {
        ASSERT_TRUE((*store)->Commit(batch).ok());
      }
    }
    written.push_back(Bytes(directory.path()));
  }
  EXPECT_GT(written[0].size(), 4000u);
  EXPECT_EQ(written[0], written[1]);
}

TEST_F(CommitTest, ABatchWithoutNewsMakesNoCommit) {
  Commit({good_});
  EXPECT_EQ(Commit({good_}).commit, 1u);
  VintageUpdate later = good_;
  later.known_at += absl::Hours(24);
  EXPECT_EQ(Commit({later}).commit, 1u);
  EXPECT_THAT(Log(), SizeIs(1));
}

TEST_F(CommitTest, TheFirstBatchAfterAReopenIsComparedWithWhatIsStored) {
  Commit({good_});
  Open();
  EXPECT_THAT(Commit({good_}).changed_series, IsEmpty());
}

TEST_F(CommitTest, AnUpdateThatAnotherRevisedSinceIsNews) {
  // Each time the store has seen the very update before.
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::Hours(1));
    VintageUpdate one = Update(info_, "2024-02-01", {{"2023-10", 1}});
    VintageUpdate two = Update(info_, "2024-02-01", {{"2023-10", 2}});
    one.known_at = clock_.Now();
    two.known_at = clock_.Now() + absl::Minutes(1);
    EXPECT_THAT(Commit({one}).changed_series, SizeIs(1)) << i;
    EXPECT_THAT(Commit({two}).changed_series, SizeIs(1)) << i;
  }
}

TEST_F(CommitTest, AnUnchangedUpdateFromBeforeTheLastRevisionIsNews) {
  Commit({Update(info_, "2024-01-01", {{"2023-10", 1}})});
  Commit({Update(info_, "2024-03-01", {{"2023-10", 2}})});
  // What the newest vintage says was not known then.
  EXPECT_THAT(
      Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})}).changed_series,
      SizeIs(1));
  EXPECT_EQ(ReadAsOf(info_, "2024-02-15"), (Values{{"2023-10", 2}}));
}

TEST_F(CommitTest, AnUnknownSeriesIsNotFound) {
  auto reader = store_->NewReader();
  EXPECT_EQ(reader->Read(99).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(reader->GetSeries(99).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(reader->ListVintages(99).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(CommitTest, AReaderSeesNothingOfLaterCommits) {
  Commit({good_});
  auto before = store_->NewReader();
  const series::SeriesInfo other = MonthlySeries("imports_usd");
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}}),
          Update(other, "2024-01-01", {{"2023-10", 1}})});
  EXPECT_EQ(before->commit(), 1u);
  EXPECT_EQ(ToValues(*before->Read(Find(info_))), (Values{{"2023-10", 1}}));
  EXPECT_THAT(*before->SelectSeries(series::Selector()), SizeIs(1));
  EXPECT_THAT(*before->ListCommits(0, 10), SizeIs(1));
}

TEST_F(CommitTest, RecordsAreScannedByPrefixInBothOrders) {
  Batch batch;
  for (absl::string_view key : {"a/1", "a/2", "a/3", "b/1"}) {
    batch.records.push_back({RecordKind::kForecasts, std::string(key), "x"});
  }
  batch.records.push_back({RecordKind::kScores, "a/9", "y"});
  Commit(batch);
  auto reader = store_->NewReader();
  auto keys = [&](absl::string_view prefix, absl::string_view after,
                  size_t limit, Order order) {
    std::vector<std::string> found;
    auto records = reader->ScanRecords(RecordKind::kForecasts, prefix, after,
                                       limit, order);
    EXPECT_TRUE(records.ok()) << records.status();
    for (const auto& [key, value] : *records) found.push_back(key);
    return found;
  };
  constexpr auto kUp = Order::kAscending;
  constexpr auto kDown = Order::kDescending;
  EXPECT_THAT(keys("a/", "", SIZE_MAX, kUp), ElementsAre("a/1", "a/2", "a/3"));
  EXPECT_THAT(keys("a/", "a/1", SIZE_MAX, kUp), ElementsAre("a/2", "a/3"));
  EXPECT_THAT(keys("a/", "a/1", 1, kUp), ElementsAre("a/2"));
  EXPECT_THAT(keys("a/", "", SIZE_MAX, kDown),
              ElementsAre("a/3", "a/2", "a/1"));
  EXPECT_THAT(keys("a/", "a/3", SIZE_MAX, kDown), ElementsAre("a/2", "a/1"));
  EXPECT_THAT(keys("a/", "c", SIZE_MAX, kUp), IsEmpty());
  EXPECT_THAT(keys("a/", "A", SIZE_MAX, kDown), IsEmpty());
  EXPECT_THAT(keys("", "", SIZE_MAX, kUp), SizeIs(4));
}

TEST_F(CommitTest, ARecordIsReplacedAndDeleted) {
  Batch batch;
  batch.records = {{RecordKind::kState, "k", "1"}};
  Commit(batch);
  batch.records = {{RecordKind::kState, "k", "2"}};
  Commit(batch);
  EXPECT_EQ(*store_->NewReader()->FindRecord(RecordKind::kState, "k"), "2");
  batch.records = {{RecordKind::kState, "k", std::nullopt}};
  Commit(batch);
  EXPECT_EQ(*store_->NewReader()->FindRecord(RecordKind::kState, "k"),
            std::nullopt);
}

TEST_F(CommitTest, APreconditionThatDoesNotHoldKeepsTheWholeBatchOut) {
  Batch first;
  first.records = {{RecordKind::kRuns, "lease", "token 1"}};
  first.preconditions = {{RecordKind::kRuns, "lease", std::nullopt}};
  Commit(first);
  Batch batch;
  batch.updates = {good_};
  batch.checkpoints = {{"census", "", "page 2"}};
  batch.records = {{RecordKind::kRuns, "lease", "token 3"}};
  for (const std::optional<std::string>& expected :
       {std::optional<std::string>("token 2"), std::optional<std::string>()}) {
    batch.preconditions = {{RecordKind::kRuns, "lease", expected}};
    const absl::Status refused = store_->Commit(batch).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr("key \"lease\" of family runs"));
  }
  EXPECT_EQ(store_->last_commit(), 1u);
  EXPECT_EQ(*store_->NewReader()->FindRecord(RecordKind::kRuns, "lease"),
            "token 1");
  EXPECT_THAT(*store_->NewReader()->GetCheckpoints("census"), IsEmpty());
  batch.preconditions = {{RecordKind::kRuns, "lease", "token 1"}};
  Commit(batch);
  EXPECT_EQ(*store_->NewReader()->FindRecord(RecordKind::kRuns, "lease"),
            "token 3");
  EXPECT_EQ(Read(info_), (Values{{"2023-10", 1}}));
}

TEST_F(CommitTest, APreconditionCountsThoughTheBatchChangesNothing) {
  Commit({good_});
  Batch batch;
  batch.updates = {good_};
  batch.preconditions = {{RecordKind::kState, "lease", "mine"}};
  EXPECT_EQ(store_->Commit(batch).status().code(), absl::StatusCode::kAborted);
  batch.preconditions = {{RecordKind::kState, "lease", std::nullopt}};
  EXPECT_EQ(Commit(batch).commit, 1u);
  EXPECT_EQ(store_->last_commit(), 1u);
}

TEST_F(CommitTest, APreconditionNeedsAKey) {
  Batch batch;
  batch.preconditions = {{RecordKind::kState, "", "mine"}};
  EXPECT_EQ(store_->Commit(batch).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CommitTest, ListenersHearWhetherACommitTouchedASeries) {
  std::vector<CommitKind> heard;
  auto subscription = store_->Subscribe(
      [&](const CommitNotice& notice) { heard.push_back(notice.kind); });
  Commit({good_});
  Batch ledger;
  ledger.records = {{RecordKind::kRuns, "run-1", "ledger"}};
  ledger.checkpoints = {{"census", "", "page 2"}};
  Commit(ledger);
  VintageUpdate renamed = good_;
  renamed.info.title = "Exports of machines";
  Commit({renamed});
  EXPECT_THAT(heard, ElementsAre(CommitKind::kSeries, CommitKind::kRecords,
                                 CommitKind::kSeries));
}

TEST_F(CommitTest, WhatKeepsALedgerIsNotAmongTheChanges) {
  Commit({good_});
  Batch ledger;
  ledger.records = {{RecordKind::kRuns, "run-1", "ledger"}};
  Commit(ledger);
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  const auto numbers = [&](CommitNumber after, size_t limit) {
    std::vector<CommitNumber> found;
    const auto changes = store_->NewReader()->ListChanges(after, limit);
    for (const CommitEntry& entry : *changes) found.push_back(entry.commit);
    return found;
  };
  EXPECT_THAT(numbers(0, SIZE_MAX), ElementsAre(1, 3));
  EXPECT_THAT(numbers(0, 1), ElementsAre(1));
  EXPECT_THAT(numbers(1, SIZE_MAX), ElementsAre(3));
  EXPECT_THAT(numbers(UINT64_MAX, 1), IsEmpty());
}

TEST_F(CommitTest, TheLastCommitOfASeriesStandsStillWhileRecordsAreStored) {
  Batch ledger;
  ledger.records = {{RecordKind::kRuns, "run-1", "ledger"}};
  Commit({good_});
  Commit(ledger);
  EXPECT_EQ(store_->last_series_commit(), 1u);
  EXPECT_EQ(store_->NewReader()->last_series_commit(), 1u);
  EXPECT_EQ(store_->NewReader()->commit(), 2u);
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  EXPECT_EQ(store_->last_series_commit(), 3u);
  Commit(ledger);
  Open();
  // Whichever it was: no later one touched a series.
  EXPECT_EQ(store_->last_series_commit(), 4u);
}

TEST_F(CommitTest, ListenersHearOfEveryCommitWhichCanThenBeRead) {
  std::vector<CommitNumber> heard;
  auto subscription = store_->Subscribe([&](const CommitNotice& notice) {
    EXPECT_EQ(store_->NewReader()->commit(), notice.commit);
    heard.push_back(notice.commit);
  });
  Commit({good_});
  Commit({Update(info_, "2024-02-01", {{"2023-10", 2}})});
  subscription.reset();
  Commit({Update(info_, "2024-03-01", {{"2023-10", 3}})});
  EXPECT_THAT(heard, ElementsAre(1, 2));
}

TEST_F(CommitTest, ASubscriptionMayOutliveTheStore) {
  auto subscription = store_->Subscribe([](const CommitNotice&) {});
  store_.reset();
  subscription.reset();
}

}  // namespace
}  // namespace headway::store
