#include "daemon/ingest/protocol/validation.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow =
    absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone());

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

std::string SeriesError(const std::string& text) {
  auto info = ToSeriesInfo(Parse<plugin::v1::SeriesDefinition>(text));
  EXPECT_EQ(info.status().code(), absl::StatusCode::kInternal) << info.status();
  return std::string(info.status().message());
}

series::SeriesInfo Monthly(
    series::VintageKind kind = series::VintageKind::kObserved) {
  series::SeriesInfo info;
  info.key.metric = "m";
  info.key.frequency = series::Frequency::kMonthly;
  info.vintage_kind = kind;
  return info;
}

absl::StatusOr<CheckedBatch> Check(
    const std::string& text,
    series::VintageKind kind = series::VintageKind::kObserved) {
  return CheckBatch(
      Parse<plugin::v1::ObservationBatch>("series: 'imports' " + text),
      Monthly(kind), kNow);
}

std::string BatchError(
    const std::string& text,
    series::VintageKind kind = series::VintageKind::kObserved) {
  auto batch = Check(text, kind);
  EXPECT_EQ(batch.status().code(), absl::StatusCode::kInternal)
      << batch.status();
  EXPECT_THAT(std::string(batch.status().message()),
              HasSubstr("series \"imports\" (m{})"));
  return std::string(batch.status().message());
}

TEST(SeriesDefinitionTest, BecomesSeriesInfo) {
  auto info = ToSeriesInfo(Parse<plugin::v1::SeriesDefinition>(
      "id: 'a' metric: 'trade_value_usd' frequency: MONTHLY unit: 'USD' "
      "labels { key: 'partner' value: 'CHN' } title: 'T' vintage_kind: ASSUMED "
      "release_lag { seconds: 86400 }"));
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(series::FormatSeriesKey(info->key),
            "trade_value_usd{partner=\"CHN\"}");
  EXPECT_EQ(info->key.frequency, series::Frequency::kMonthly);
  EXPECT_EQ(info->unit.ToString(), "USD");
  EXPECT_EQ(info->vintage_kind, series::VintageKind::kAssumed);
  EXPECT_EQ(info->release_lag, absl::Hours(24));
}

TEST(SeriesDefinitionTest, IsObservedUnlessItSaysOtherwise) {
  auto info = ToSeriesInfo(Parse<plugin::v1::SeriesDefinition>(
      "id: 'a' metric: 'm' frequency: DAILY unit: '1'"));
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->vintage_kind, series::VintageKind::kObserved);
}

TEST(SeriesDefinitionTest, NamesTheFieldAtFault) {
  const std::string good = "id: 'a' metric: 'm' frequency: MONTHLY unit: '1' ";
  EXPECT_THAT(SeriesError("metric: 'm' frequency: MONTHLY unit: '1'"),
              HasSubstr("no id"));
  EXPECT_THAT(SeriesError("id: 'a' metric: '9m' frequency: MONTHLY unit: '1'"),
              AllOf(HasSubstr("series \"a\": metric"), HasSubstr("9m")));
  EXPECT_THAT(SeriesError(good + "labels { key: 'bad-name' value: 'x' }"),
              AllOf(HasSubstr("labels"), HasSubstr("bad-name")));
  EXPECT_THAT(SeriesError("id: 'a' metric: 'm' unit: '1'"),
              HasSubstr("frequency"));
  EXPECT_THAT(SeriesError("id: 'a' metric: 'm' frequency: MONTHLY unit: '?'"),
              HasSubstr("unit"));
  EXPECT_THAT(SeriesError(good + "release_lag { seconds: 1 }"),
              HasSubstr("not ASSUMED"));
  EXPECT_THAT(
      SeriesError(good + "vintage_kind: ASSUMED release_lag { seconds: -1 }"),
      HasSubstr("release_lag"));
}

TEST(ObservationBatchTest, IsSorted) {
  auto batch = Check(
      "periods: '2024-03' periods: '2024-01' values: 3 values: 1 "
      "withdrawn_periods: '2024-02'");
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(batch->ordinals, ElementsAre(54 * 12, 54 * 12 + 2));
  EXPECT_THAT(batch->values, ElementsAre(1, 3));
  EXPECT_THAT(batch->withdrawn, ElementsAre(54 * 12 + 1));
}

TEST(ObservationBatchTest, RefusesValuesThatAreNotFinite) {
  for (double value : {std::nan(""), std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()}) {
    plugin::v1::ObservationBatch batch;
    batch.set_series("imports");
    batch.add_periods("2024-01");
    batch.add_values(value);
    auto checked = CheckBatch(batch, Monthly(), kNow);
    EXPECT_THAT(std::string(checked.status().message()),
                AllOf(HasSubstr("2024-01"), HasSubstr("finite")));
  }
}

TEST(ObservationBatchTest, NamesThePeriodAtFault) {
  EXPECT_THAT(BatchError("periods: '2024-13' values: 1"), HasSubstr("2024-13"));
  EXPECT_THAT(BatchError("periods: '2024-Q1' values: 1"), HasSubstr("2024-Q1"));
  EXPECT_THAT(
      BatchError("periods: '2024-01' periods: '2024-01' values: 1 values: 2"),
      HasSubstr("2024-01 occurs twice"));
  EXPECT_THAT(BatchError("periods: '2076-01' values: 1"),
              HasSubstr("\"2076-01\" lies more than 50 years ahead"));
  EXPECT_THAT(
      BatchError("periods: '2024-01' values: 1 withdrawn_periods: '2024-01'"),
      HasSubstr("both given a value and withdrawn"));
}

TEST(ObservationBatchTest, AcceptsAPeriodFiftyYearsAhead) {
  EXPECT_TRUE(Check("periods: '2075-12' values: 1").ok());
}

TEST(ObservationBatchTest, RefusesColumnsOfUnequalLength) {
  EXPECT_THAT(BatchError("periods: '2024-01'"), HasSubstr("1 periods and 0"));
}

TEST(ObservationBatchTest, SortsStatusesWithTheirValues) {
  using enum series::ObservationStatus;
  auto batch = Check(
      "periods: '2024-03' periods: '2024-01' values: 3 values: 1 "
      "statuses: PARTIAL statuses: FINAL");
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(batch->statuses, ElementsAre(kFinal, kPartial));
}

TEST(ObservationBatchTest, NeedsAStatusForEachValueOrForNone) {
  EXPECT_THAT(BatchError("periods: '2024-01' periods: '2024-02' values: 1 "
                         "values: 2 statuses: PARTIAL"),
              HasSubstr("2 values and 1 statuses"));
}

TEST(ObservationBatchTest, RefusesAStatusThatItDoesNotKnow) {
  plugin::v1::ObservationBatch batch;
  batch.add_periods("2024-01");
  batch.add_values(1);
  batch.add_statuses(static_cast<plugin::v1::ObservationStatus>(17));
  auto checked = CheckBatch(batch, Monthly(), kNow);
  EXPECT_THAT(
      std::string(checked.status().message()),
      AllOf(HasSubstr("2024-01, 17, is not known"), HasSubstr("PROVISIONAL")));
}

TEST(ObservationBatchTest, NeedsKnownAtForNativeVintagesAndOnlyThen) {
  const auto native = series::VintageKind::kNative;
  EXPECT_THAT(BatchError("", native), HasSubstr("known_at is missing"));
  EXPECT_THAT(BatchError("known_at { seconds: 1 }"), HasSubstr("known_at"));
  auto batch = Check("known_at { seconds: 1700000000 nanos: 1999 }", native);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->known_at,
            absl::FromUnixSeconds(1700000000) + absl::Microseconds(1));
}

TEST(ObservationBatchTest, RefusesKnownAtInTheFutureOrOutOfRange) {
  const auto native = series::VintageKind::kNative;
  EXPECT_THAT(BatchError("known_at { seconds: 1760000000 }", native),
              HasSubstr("lies in the future"));
  EXPECT_THAT(BatchError("known_at { nanos: -1 }", native),
              HasSubstr("no instant"));
  EXPECT_THAT(BatchError("known_at { seconds: -99999999999 }", native),
              HasSubstr("no instant"));
}

TEST(CheckpointTest, BoundsItsState) {
  plugin::v1::Checkpoint checkpoint;
  checkpoint.set_state(std::string(64 << 10, 'x'));
  EXPECT_TRUE(CheckCheckpoint(checkpoint, kNow).ok());
  checkpoint.mutable_state()->push_back('x');
  EXPECT_THAT(std::string(CheckCheckpoint(checkpoint, kNow).status().message()),
              HasSubstr("65537 bytes"));
}

TEST(CheckpointTest, TakesKnownAtOnlyWhenComplete) {
  plugin::v1::Checkpoint checkpoint;
  checkpoint.mutable_known_at()->set_seconds(5);
  EXPECT_FALSE(CheckCheckpoint(checkpoint, kNow).ok());
  checkpoint.set_complete(true);
  EXPECT_EQ(*CheckCheckpoint(checkpoint, kNow), absl::FromUnixSeconds(5));
}

std::string DescriptionError(const std::string& text) {
  absl::Status status =
      ValidateDescription(Parse<plugin::v1::Description>(text), "census");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  return std::string(status.message());
}

TEST(DescriptionTest, IsChecked) {
  const std::string good = "name: 'census' version: '1' protocol_version: 1 ";
  EXPECT_TRUE(
      ValidateDescription(Parse<plugin::v1::Description>(good), "census").ok());
  EXPECT_THAT(
      DescriptionError("name: 'census' version: '1' protocol_version: 2"),
      HasSubstr("protocol version 2"));
  EXPECT_THAT(
      DescriptionError("name: 'comtrade' version: '1' protocol_version: 1"),
      AllOf(HasSubstr("comtrade"), HasSubstr("census")));
  EXPECT_THAT(
      DescriptionError("name: 'Cen sus' version: '1' protocol_version: 1"),
      HasSubstr("lower-case"));
  EXPECT_THAT(DescriptionError("name: 'census' protocol_version: 1"),
              HasSubstr("version is missing"));
  EXPECT_THAT(
      DescriptionError(good + "config { name: 'a' } config { name: 'a' }"),
      HasSubstr("declared twice"));
}

TEST(DescriptionTest, MayNotAskForVariablesOfTheSystem) {
  const std::string good = "name: 'census' version: '1' protocol_version: 1 ";
  for (const char* name : {"LD_PRELOAD", "PATH", "HOME", "lower", "A-B", "1"}) {
    EXPECT_THAT(DescriptionError(good + "secrets { name: '" + name + "' }"),
                HasSubstr(name));
  }
}

}  // namespace
}  // namespace headway::ingest
