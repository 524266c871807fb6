// Issued forecasts, failures and pulls of a wrong clock are put right.
#include "daemon/pipeline/restamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/failures.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using store::At;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class PipelineRestampTest : public store::StoreTest {
 protected:
  schedule::RightInstant right() const {
    return [](absl::Time instant) {
      return instant > At("2029-01-01")
                 ? instant - (At("2030-01-01") - At("2024-01-05"))
                 : instant;
    };
  }

  void Issue(absl::Time time) {
    v1::Forecast forecast;
    *forecast.mutable_issue_time() = messages::ToTimestamp(time);
    *forecast.mutable_as_of() = messages::ToTimestamp(time);
    forecast.set_run(absl::StrCat(
        "pipelines/trade/runs/",
        absl::FormatTime("%E4Y%m%d-%H%M%E6S", time, absl::UTCTimeZone())));
    forecast.add_steps()->set_point(1);
    store::Batch batch;
    batch.records = {ArchiveForecast("exports", 7, forecast)};
    Commit(batch);
  }

  std::vector<v1::Forecast> All() {
    return ParseForecasts(*ListIssues(*store_->NewReader(), "exports", {}, ""))
        .value();
  }

  void Repair() {
    const auto records = RightRecords(*store_->NewReader(), right());
    ASSERT_TRUE(records.ok()) << records.status();
    store::Batch batch;
    batch.records = *records;
    Commit(batch);
  }
};

TEST_F(PipelineRestampTest, AnIssueOfTheFutureBecomesOneOfThePast) {
  Issue(At("2024-01-04"));
  Issue(At("2030-01-01"));
  Issue(At("2024-01-07"));
  Repair();
  const std::vector<v1::Forecast> all = All();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(messages::FromTimestamp(all[0].issue_time()), At("2024-01-07"));
  EXPECT_EQ(messages::FromTimestamp(all[1].issue_time()), At("2024-01-05"));
  EXPECT_EQ(messages::FromTimestamp(all[1].as_of()), At("2024-01-05"));
  EXPECT_THAT(all[1].name(),
              StartsWith("indicators/exports/forecasts/20240105-000000"));
  EXPECT_EQ(all[1].run(), "pipelines/trade/runs/20240105-000000.000000");
  EXPECT_EQ(all[1].steps_size(), 1);
}

TEST_F(PipelineRestampTest, AFailureAndAPullOfTheFutureAreOfThePast) {
  v1::RunStep step;
  step.set_kind(v1::RunStep::PULL);
  step.set_subject("census");
  step.set_state(v1::RunStep::SUCCEEDED);
  *step.mutable_end_time() = messages::ToTimestamp(At("2030-01-01"));
  store::Batch batch;
  const std::string run = "pipelines/trade/runs/20300101-000000.000000";
  ASSERT_TRUE(NoteEnd(*store_->NewReader(), "trade", run, step, batch).ok());
  step.set_subject("customs");
  step.set_state(v1::RunStep::FAILED);
  ASSERT_TRUE(NoteEnd(*store_->NewReader(), "trade", run, step, batch).ok());
  Commit(batch);
  Repair();
  EXPECT_EQ(*LastPullOf(*store_->NewReader(), "census"), At("2024-01-05"));
  const auto failures = ListFailures(*store_->NewReader(), "trade");
  ASSERT_THAT(*failures, SizeIs(1));
  EXPECT_EQ(messages::FromTimestamp((*failures)[0].since()), At("2024-01-05"));
  EXPECT_EQ((*failures)[0].run(),
            "pipelines/trade/runs/20240105-000000.000000");
}

TEST_F(PipelineRestampTest, WhatIsRightStaysAsItIs) {
  Issue(At("2024-01-04"));
  EXPECT_THAT(*RightRecords(*store_->NewReader(), right()), IsEmpty());
}

}  // namespace
}  // namespace headway::pipeline
