// What messages say as plain types, and the other way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/clock_guard.h"
#include "daemon/messages/bounds.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/run.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "headway/v1/indicator.pb.h"

namespace headway::messages {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

TEST(TimestampTest, KeepsMicroseconds) {
  const absl::Time time = absl::FromUnixMicros(1770000000123456);
  EXPECT_EQ(FromTimestamp(ToTimestamp(time)), time);
  EXPECT_EQ(ToTimestamp(time).nanos(), 123456000);
}

TEST(TimestampTest, CutsWhatRequestsSayBeyondMicroseconds) {
  EXPECT_EQ(ParseTimestamp("as_of", Timestamp(7, 1999)).value(),
            absl::FromUnixMicros(7000001));
}

TEST(TimestampTest, RefusesWhatIsNoTimestampAndNamesTheField) {
  for (const auto& timestamp :
       {Timestamp(0, -1), Timestamp(0, 1000000000), Timestamp(253402300800, 0),
        Timestamp(-62135596801, 0)}) {
    const absl::Status status = ParseTimestamp("at", timestamp).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("at: is no timestamp: seconds "));
  }
}

TEST(ErrorsTest, TravelWithTheirDetails) {
  const v1::RpcStatus proto =
      ToProto(WithReason(FieldError("parent", "is needed"), "NO_PARENT", {}));
  EXPECT_EQ(proto.code(), 3);
  EXPECT_EQ(proto.message(), "parent: is needed");
  ASSERT_THAT(proto.details(), SizeIs(2));
  int known = 0;
  for (const google::protobuf::Any& any : proto.details()) {
    v1::BadRequest bad;
    if (UnpackDetail(any, &bad)) {
      ++known;
      EXPECT_EQ(bad.field_violations(0).field(), "parent");
      EXPECT_EQ(bad.field_violations(0).description(), "is needed");
    }
    v1::ErrorInfo info;
    if (UnpackDetail(any, &info)) {
      ++known;
      EXPECT_EQ(info.reason(), "NO_PARENT");
      EXPECT_EQ(info.domain(), "headway");
    }
  }
  EXPECT_EQ(known, 2);
}

TEST(ErrorsTest, SayThatTheClockIsInDoubtWhateverElseTheirReasonWouldBe) {
  SimulatedClock clock(absl::FromUnixSeconds(0));
  clock.SetSynchronised(false);
  ClockGuard guard(&clock, {}, absl::FromUnixSeconds(0));
  clock.SetWallClock(absl::FromUnixSeconds(4000000000));
  const v1::RpcStatus proto =
      ToProto(WithReason(guard.Check(), "RUN_HAS_ENDED", {}));
  ASSERT_EQ(proto.details_size(), 1);
  v1::ErrorInfo info;
  ASSERT_TRUE(UnpackDetail(proto.details(0), &info));
  EXPECT_EQ(info.reason(), "CLOCK_IN_DOUBT");
}

TEST(ErrorsTest, AreCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 2000) text += "é";
  const std::string message = ToProto(absl::InternalError(text)).message();
  EXPECT_THAT(message, EndsWith("é..."));
  EXPECT_LE(message.size(), 1003u);
}

TEST(ErrorsTest, OnlyAWrongArgumentIsTheFieldsFault) {
  EXPECT_EQ(AtField("filter", absl::InvalidArgumentError("what?")).message(),
            "filter: what?");
  const absl::Status lost = absl::DataLossError("a checksum is wrong");
  EXPECT_EQ(AtField("filter", lost), lost);
}

TEST(BoundsTest, TakeThePeriodsThatLieWhollyWithin) {
  const DayBounds days = ToDayBounds("2024-02", "2024-W40").value();
  const PeriodBounds quarters =
      PeriodsWithin(days, series::Frequency::kQuarterly);
  EXPECT_EQ(
      series::FormatPeriod({series::Frequency::kQuarterly, quarters.first}),
      "2024-Q2");
  EXPECT_EQ(
      series::FormatPeriod({series::Frequency::kQuarterly, quarters.last}),
      "2024-Q3");
  // No year does, so the first comes after the last.
  const PeriodBounds years = PeriodsWithin(days, series::Frequency::kAnnual);
  EXPECT_GT(years.first, years.last);
}

TEST(BoundsTest, ClipAColumn) {
  series::Observations column;
  column.frequency = series::Frequency::kAnnual;
  column.ordinals = {2020, 2021, 2022};
  column.values = {1, 2, 3};
  const series::Observations clipped = Clip(column, {2021, INT32_MAX});
  EXPECT_THAT(clipped.ordinals, ElementsAre(2021, 2022));
  EXPECT_THAT(clipped.values, ElementsAre(2, 3));
}

TEST(LabelsTest, AreNamedInTheOrderOfTheirNames) {
  LabelMap labels;
  EXPECT_EQ(FormatLabelValues(labels), "");
  labels["partner"] = "CHN";
  labels["flow"] = "export";
  EXPECT_EQ(FormatLabelValues(labels), "export, CHN");
}

TEST(RunTest, EndsInThreeWays) {
  v1::Run run;
  for (const auto& [state, ended] :
       {std::pair(v1::Run::QUEUED, false), std::pair(v1::Run::RUNNING, false),
        std::pair(v1::Run::SUCCEEDED, true), std::pair(v1::Run::FAILED, true),
        std::pair(v1::Run::CANCELLED, true)}) {
    run.set_state(state);
    EXPECT_EQ(HasEnded(run), ended) << FormatRunState(state);
  }
}

TEST(ForecastTest, FindsQuantilesByTheirProbability) {
  const v1::ForecastStep step =
      ToForecastStep("2025-01", 5, 6, {0.1, 0.5, 0.9}, {1, 5, 9});
  EXPECT_EQ(step.point(), 5);
  EXPECT_EQ(step.mean(), 6);
  EXPECT_EQ(QuantileAt(step, (1 - 0.8) / 2), 1);
  EXPECT_EQ(QuantileAt(step, 0.25), std::nullopt);
}

TEST(ForecastTest, AnAnomalyIsToldWithWhatWasExpectedAndWhatBecameOfIt) {
  v1::Anomaly anomaly;
  anomaly.set_period("2023-10");
  anomaly.set_kind(v1::Anomaly::OUTLIER);
  anomaly.set_observed(910);
  anomaly.set_expected(105);
  anomaly.set_deviations(-12.34);
  anomaly.set_treatment(v1::Anomaly::FITTED);
  EXPECT_EQ(DescribeAnomaly(anomaly),
            "2023-10: an outlier, 910 where 105 was expected (12.3 standard "
            "errors); fitted like any other value");
}

TEST(ForecastTest, ABreakIsToldWithItsStepAndItsReason) {
  v1::ForecastBreak one;
  one.set_period("2023-10");
  one.set_kind(v1::ForecastBreak::LEVEL);
  one.set_step(12.5);
  one.set_standard_error(1.25);
  one.set_reason("another customs system");
  EXPECT_EQ(DescribeBreak(one),
            "2023-10: a break of the level, the values before it moved by "
            "+12.5 (standard error 1.25): another customs system");
}

TEST(ForecastTest, AnEffectIsToldWithItsScale) {
  v1::RegressorEffect effect;
  effect.set_name("working_days");
  effect.set_coefficient(0.0131);
  effect.set_standard_error(0.002);
  effect.set_scale(v1::RegressorEffect::LOGARITHMS);
  EXPECT_EQ(DescribeEffect(effect),
            "working_days: +0.0131 (standard error 0.002) a unit, on "
            "logarithms");
}

v1::Forecast ForecastOf(int steps, v1::Frequency frequency) {
  v1::Forecast forecast;
  forecast.set_frequency(frequency);
  for (int i = 1; i <= steps; ++i) {
    forecast.add_steps()->set_period(std::to_string(i));
  }
  return forecast;
}

TEST(AgeInDaysTest, CountsFromTheEndOfThePeriod) {
  const absl::Time instant = absl::FromCivil(
      absl::CivilSecond(2025, 4, 11, 12, 0, 0), absl::UTCTimeZone());
  v1::Observation observation;
  observation.set_period("2025-03");
  EXPECT_EQ(AgeInDays(observation, instant), 10);
  observation.set_period("2025-S1");
  EXPECT_EQ(AgeInDays(observation, instant), 0);
  observation.set_period("");
  EXPECT_EQ(AgeInDays(observation, instant), std::nullopt);
}

TEST(NameVintageKindsTest, JoinsTheirNames) {
  v1::Indicator indicator;
  EXPECT_EQ(NameVintageKinds(indicator.vintage_kinds()), "");
  indicator.add_vintage_kinds(v1::NATIVE);
  indicator.add_vintage_kinds(v1::ASSUMED);
  EXPECT_EQ(NameVintageKinds(indicator.vintage_kinds()), "native and assumed");
}

TEST(StepInOneYearTest, CountsPeriodsOfTheFrequency) {
  EXPECT_EQ(StepInOneYear(ForecastOf(60, v1::ANNUAL))->period(), "1");
  EXPECT_EQ(StepInOneYear(ForecastOf(60, v1::SEMIANNUAL))->period(), "2");
  EXPECT_EQ(StepInOneYear(ForecastOf(60, v1::QUARTERLY))->period(), "4");
  EXPECT_EQ(StepInOneYear(ForecastOf(60, v1::MONTHLY))->period(), "12");
  EXPECT_EQ(StepInOneYear(ForecastOf(60, v1::WEEKLY))->period(), "52");
}

TEST(StepInOneYearTest, IsTheLastStepOfAShorterForecast) {
  EXPECT_EQ(StepInOneYear(ForecastOf(3, v1::MONTHLY))->period(), "3");
  EXPECT_EQ(StepInOneYear(v1::Forecast()), nullptr);
}

}  // namespace
}  // namespace headway::messages
