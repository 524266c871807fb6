// How firm a value is: read as it was said, by whoever's word is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

using enum series::ObservationStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ObservationStatusTest : public StoreTest {
 protected:
  VintageUpdate Stated(absl::string_view known_at, const Values& values,
                       series::Statuses statuses) {
    VintageUpdate update = Update(info_, known_at, values);
    update.statuses = std::move(statuses);
    return update;
  }

  series::Statuses ReadStatuses(const ReadOptions& options = {}) {
    auto column = store_->NewReader()->Read(Find(info_), options);
    EXPECT_TRUE(column.ok()) << column.status();
    return column->statuses;
  }

  series::Statuses StatusesAsOf(absl::string_view as_of) {
    ReadOptions options;
    options.as_of = At(as_of);
    return ReadStatuses(options);
  }

  void CommitFrom(absl::string_view source, VintageUpdate update) {
    Batch batch;
    batch.provenance.source = std::string(source);
    batch.updates.push_back(std::move(update));
    Commit(batch);
  }

  const series::SeriesInfo info_ = MonthlySeries("exports_usd");
};

TEST_F(ObservationStatusTest, IsReadAsItWasKnown) {
  Commit({Stated("2024-03-01", {{"2024-01", 5}, {"2024-02", 6}},
                 {kFinal, kProvisional})});
  Commit({Stated("2024-04-01", {{"2024-02", 6}}, {})});
  EXPECT_THAT(StatusesAsOf("2024-03-15"), ElementsAre(kFinal, kProvisional));
  EXPECT_THAT(ReadStatuses(), IsEmpty()) << "all are final";
}

TEST_F(ObservationStatusTest, AnotherStatusOfTheSameValueIsAVintage) {
  Commit({Stated("2024-03-01", {{"2024-01", 5}}, {kProvisional})});
  const CommitResult result =
      Commit({Stated("2024-04-01", {{"2024-01", 5}}, {kPartial})});
  EXPECT_EQ(result.changed_observations, 1);
}

TEST_F(ObservationStatusTest, TheSameAgainChangesNothing) {
  Commit({Stated("2024-03-01", {{"2024-01", 5}}, {kProvisional})});
  const CommitResult result =
      Commit({Stated("2024-04-01", {{"2024-01", 5}}, {kProvisional})});
  EXPECT_EQ(result.changed_observations, 0);
}

TEST_F(ObservationStatusTest, StaysWithTheValuesOfARange) {
  Commit({Stated("2024-04-01", {{"2024-01", 5}, {"2024-02", 6}, {"2024-03", 7}},
                 {kBreak, kFinal, kEstimated})});
  ReadOptions options;
  options.first = Ordinal("2024-02");
  EXPECT_THAT(ReadStatuses(options), ElementsAre(kFinal, kEstimated));
  options.last = options.first;
  EXPECT_THAT(ReadStatuses(options), IsEmpty());
}

TEST_F(ObservationStatusTest, OutlivesTheMoveIntoBlocks) {
  for (int day = 1; day <= 28; ++day) {
    VintageUpdate update = Stated("2024-02-01", {{"2024-01", day}},
                                  {day % 2 == 0 ? kPartial : kProvisional});
    update.known_at += absl::Hours(24 * day);
    Commit({update});
  }
  EXPECT_THAT(StatusesAsOf("2024-02-03"), ElementsAre(kPartial));
  EXPECT_THAT(StatusesAsOf("2024-02-04"), ElementsAre(kProvisional));
}

TEST_F(ObservationStatusTest, DoesNotLeakFromAVintageThatIsInserted) {
  Commit({Stated("2024-02-01", {{"2024-01", 5}}, {kProvisional})});
  Commit({Stated("2024-04-01", {{"2024-01", 5}, {"2024-02", 6}},
                 {kProvisional, kFinal})});
  Commit({Stated("2024-03-01", {{"2024-01", 5}}, {kEstimated})});
  EXPECT_THAT(StatusesAsOf("2024-03-15"), ElementsAre(kEstimated));
  EXPECT_THAT(ReadStatuses(), ElementsAre(kProvisional, kFinal));
}

TEST_F(ObservationStatusTest, IsThatOfTheSourceWhoseWordIsRead) {
  CommitFrom("sample", Stated("2024-02-01", {{"2024-01", 5}}, {kEstimated}));
  CommitFrom("live", Stated("2024-03-01", {{"2024-01", 6}}, {kProvisional}));
  EXPECT_THAT(ReadStatuses(), ElementsAre(kProvisional));
  CommitFrom("live", Update(info_, "2024-04-01", {}, {"2024-01"}));
  EXPECT_THAT(ReadStatuses(), ElementsAre(kEstimated));
}

TEST_F(ObservationStatusTest, SourcesThatDifferInNothingElseDoNotClash) {
  CommitFrom("a", Stated("2024-02-01", {{"2024-01", 5}}, {kEstimated}));
  CommitFrom("b", Stated("2024-03-01", {{"2024-01", 5}}, {}));
  EXPECT_THAT(store_->NewReader()
                  ->ScanRecords(RecordKind::kState, kClashPrefix)
                  .value(),
              IsEmpty());
}

TEST_F(ObservationStatusTest, IsListedWithTheVintages) {
  Commit({Stated("2024-03-01", {{"2024-01", 5}}, {kProvisional})});
  Commit({Stated("2024-04-01", {{"2024-01", 5}}, {})});
  const auto vintages = store_->NewReader()->ListVintages(Find(info_));
  ASSERT_TRUE(vintages.ok()) << vintages.status();
  ASSERT_THAT(*vintages, SizeIs(2));
  EXPECT_THAT((*vintages)[0].statuses, ElementsAre(kProvisional));
  EXPECT_THAT((*vintages)[1].statuses, IsEmpty());
  EXPECT_THAT((*vintages)[1].ordinals, SizeIs(1)) << "the status changed";
}

TEST_F(ObservationStatusTest, AScanHasThoseOfAllItsSeries) {
  const series::SeriesInfo plain = MonthlySeries("a");
  Commit({Update(plain, "2024-03-01", {{"2024-01", 1}, {"2024-02", 2}}),
          Stated("2024-03-01", {{"2024-01", 5}}, {kPartial})});
  series::Statuses statuses;
  const absl::Status scanned =
      store_->NewReader()->Scan(std::vector<SeriesId>{Find(plain), Find(info_)},
                                {}, [&](const ScanBatch& batch) {
                                  statuses = batch.statuses;
                                  return absl::OkStatus();
                                });
  ASSERT_TRUE(scanned.ok()) << scanned;
  EXPECT_THAT(statuses, ElementsAre(kFinal, kFinal, kPartial));
}

TEST_F(ObservationStatusTest, IsNeededForEachValueOrForNone) {
  Batch batch;
  batch.updates = {
      Stated("2024-03-01", {{"2024-01", 5}, {"2024-02", 6}}, {kPartial})};
  EXPECT_THAT(std::string(store_->Commit(batch).status().message()),
              HasSubstr("2 values, but 1 statuses"));
}

}  // namespace
}  // namespace headway::store
