// Slots and runs of a wrong clock are put right.
#include "daemon/schedule/restamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "daemon/messages/timestamp.h"
#include "daemon/schedule/ledger.h"
#include "daemon/schedule/scheduler.h"
#include "tests/support/store_fixture.h"

namespace headway::schedule {
namespace {

using store::At;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class RestampRecordsTest : public store::StoreTest {
 protected:
  absl::Time Right(absl::Time instant) const {
    return instant > At("2029-01-01")
               ? instant - (At("2030-01-01") - At("2024-01-05"))
               : instant;
  }
  RightInstant right() const {
    return [this](absl::Time instant) { return Right(instant); };
  }

  void Repair() {
    auto records = RightRecords(*store_->NewReader(), right());
    ASSERT_TRUE(records.ok()) << records.status();
    store::Batch batch;
    batch.records = *std::move(records);
    Commit(batch);
  }

  v1::Run MakeRun() {
    Ledger ledger(store_.get(), &clock_);
    auto run = ledger.Create("trade", v1::Run::SCHEDULED, clock_.Now(), {});
    EXPECT_TRUE(run.ok()) << run.status();
    return *run;
  }
};

TEST_F(RestampRecordsTest, ARunOfTheFutureBecomesOneOfThePast) {
  const v1::Run good = MakeRun();
  clock_.SetWallClock(At("2030-01-01") + absl::Hours(1));
  const v1::Run bad = MakeRun();
  EXPECT_THAT(bad.name(), StartsWith("pipelines/trade/runs/20300101-0100"));
  clock_.SetWallClock(At("2024-01-06"));
  Repair();
  Ledger ledger(store_.get(), &clock_);
  const std::string name = RightRunName(bad.name(), right());
  EXPECT_THAT(name, StartsWith("pipelines/trade/runs/20240105-0100"));
  const auto run = ledger.Get(name);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->name(), name);
  EXPECT_EQ(messages::FromTimestamp(run->create_time()),
            At("2024-01-05") + absl::Hours(1));
  EXPECT_EQ(messages::FromTimestamp(run->slot_time()),
            At("2024-01-05") + absl::Hours(1));
  EXPECT_FALSE(ledger.Get(bad.name()).ok());
  EXPECT_TRUE(ledger.Get(good.name()).ok());
  EXPECT_THAT(*ledger.ListActive(), SizeIs(2));
  EXPECT_EQ((*ledger.Latest("trade"))->name(), name);
  // The next is newer than both, and of today.
  EXPECT_THAT(MakeRun().name(), StartsWith("pipelines/trade/runs/20240106-"));
  EXPECT_THAT(*RightRecords(*store_->NewReader(), right()), IsEmpty());
}

TEST_F(RestampRecordsTest, ASlotOfTheFutureNoLongerSilencesItsJob) {
  store::Batch batch;
  batch.records = {
      {store::RecordKind::kState, "schedule/trade/slot",
       "2030-01-01T06:00:00+00:00\n0 6 * * *|UTC"},
      {store::RecordKind::kState, "schedule/other/slot",
       "2024-01-05T06:00:00+00:00\n0 6 * * *|UTC"},
      {store::RecordKind::kState, "schedule/trade/paused", "false"}};
  Commit(batch);
  Repair();
  const auto reader = store_->NewReader();
  EXPECT_EQ(
      *reader->FindRecord(store::RecordKind::kState, "schedule/trade/slot"),
      "2024-01-05T06:00:00+00:00\n0 6 * * *|UTC");
  EXPECT_EQ(
      *reader->FindRecord(store::RecordKind::kState, "schedule/other/slot"),
      "2024-01-05T06:00:00+00:00\n0 6 * * *|UTC");
}

}  // namespace
}  // namespace headway::schedule
