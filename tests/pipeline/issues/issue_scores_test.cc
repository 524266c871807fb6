#include "daemon/pipeline/issues/issue_scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/messages/timestamp.h"
#include "tests/pipeline/manager_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::SizeIs;

constexpr char kExports[] = R"(
pipeline {
  name: "push"
  indicator { name: "exports" expression: "exports_usd" unit: "USD" }
})";

// An manager that is asked only: what it is asked of stands in the store.
class IssueScoresTest : public PipelineManagerTest {
 protected:
  IssueScoresTest() {
    Define("p.textproto", kExports);
    CreateEngine();
  }

  struct Step {
    int month;  // since 2020-01
    double point;
  };
  // Quantiles 0.1, 0.5 and 0.9 at 10 below the point, at it, and 10 above.
  v1::Forecast MakeForecast(int last_month, const std::vector<Step>& steps) {
    v1::Forecast forecast;
    forecast.set_frequency(v1::MONTHLY);
    forecast.set_unit("USD");
    *forecast.mutable_issue_time() = messages::ToTimestamp(clock_.Now());
    forecast.mutable_last()->set_period(Month(last_month));
    for (const Step& step : steps) {
      v1::ForecastStep& made = *forecast.add_steps();
      made.set_period(Month(step.month));
      made.set_point(step.point);
      for (const auto& [probability, distance] :
           {std::pair(0.1, -10), {0.5, 0}, {0.9, 10}}) {
        v1::Quantile& quantile = *made.add_quantiles();
        quantile.set_probability(probability);
        quantile.set_value(step.point + distance);
      }
    }
    return forecast;
  }
  void Issue(v1::Forecast forecast) {
    store::Batch batch;
    batch.records.push_back(ArchiveForecast("exports", 0, forecast));
    const auto committed = store_->Commit(batch);
    ASSERT_TRUE(committed.ok()) << committed.status();
  }

  absl::StatusOr<std::vector<v1::TrackRecord>> TryRecords(absl::Time as_of) {
    ASSIGN_OR_RETURN(const auto actuals,
                     manager_->ReadIndicator("exports", {.as_of = as_of}));
    ASSIGN_OR_RETURN(
        IssueScores scores,
        manager_->TrackRecords("exports", *store_->NewReader(), actuals->panel,
                               {.as_of = as_of, .with_strata = true}));
    strata_ = scores.strata;
    return scores.records;
  }
  std::vector<v1::TrackRecord> Records(
      absl::Time as_of = absl::InfiniteFuture()) {
    const absl::StatusOr<std::vector<v1::TrackRecord>> records =
        TryRecords(as_of);
    EXPECT_TRUE(records.ok()) << records.status();
    return records.value_or(std::vector<v1::TrackRecord>());
  }
  // Of the last TryRecords.
  std::vector<v1::TrackStratum> strata_;

  v1::TrackRecord OnlyRecord(absl::Time as_of = absl::InfiniteFuture()) {
    const std::vector<v1::TrackRecord> records = Records(as_of);
    EXPECT_THAT(records, SizeIs(1));
    return records.empty() ? v1::TrackRecord() : records[0];
  }
};

TEST_F(IssueScoresTest, ScoresWhatCameOfEveryIssue) {
  // 24 months that rise by one: twelve months apart they differ by 12.
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 130}, {25, 130}, {26, 130}}));
  clock_.Advance(absl::Hours(24 * 30));
  std::vector<double> actuals = Rising(24);
  actuals.push_back(134);
  Push("exports_usd", actuals);
  Issue(MakeForecast(24, {{25, 136}, {26, 136}}));
  clock_.Advance(absl::Hours(24 * 30));
  actuals.push_back(142);
  Push("exports_usd", actuals);

  const v1::TrackRecord record = OnlyRecord();
  EXPECT_EQ(record.unit(), "USD");
  EXPECT_EQ(record.issues(), 2);
  EXPECT_EQ(record.outcomes(), 3);
  // |134 - 130|, |142 - 130|, |142 - 136|.
  EXPECT_DOUBLE_EQ(record.mean_absolute_error(), (4 + 12 + 6) / 3.0);
  EXPECT_DOUBLE_EQ(record.mean_scaled_error(), 22 / 3.0 / 12);
  // Twice the mean of the pinball losses at 0.1, 0.5 and 0.9.
  const double first = 2 * (0.1 * 14 + 0.5 * 4 + 0.1 * 6) / 3;
  const double second = 2 * (0.1 * 22 + 0.5 * 12 + 0.9 * 2) / 3;
  const double third = 2 * (0.1 * 16 + 0.5 * 6 + 0.1 * 4) / 3;
  EXPECT_DOUBLE_EQ(record.mean_weighted_interval_score(),
                   (first + second + third) / 3);
  EXPECT_DOUBLE_EQ(record.coverage80(), 2 / 3.0);
}

TEST_F(IssueScoresTest, ARecordIsEmptyUntilAnActualComes) {
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 130}}));
  const v1::TrackRecord record = OnlyRecord();
  EXPECT_EQ(record.issues(), 0);
  EXPECT_EQ(record.outcomes(), 0);
  EXPECT_FALSE(record.has_mean_absolute_error());
  EXPECT_FALSE(record.has_mean_scaled_error());
  EXPECT_FALSE(record.has_mean_weighted_interval_score());
  EXPECT_FALSE(record.has_coverage80());
}

TEST_F(IssueScoresTest, AnIndicatorWithoutValuesHasNoRecords) {
  EXPECT_THAT(Records(), SizeIs(0));
}

TEST_F(IssueScoresTest, WhatWasKnownWhenItWasIssuedDoesNotCount) {
  Push("exports_usd", Rising(26));
  Issue(MakeForecast(25, {{24, 999}, {25, 999}, {26, 130}}));
  EXPECT_EQ(OnlyRecord().outcomes(), 0);
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(27));
  // The 27th month is 126.
  EXPECT_EQ(OnlyRecord().outcomes(), 1);
  EXPECT_EQ(OnlyRecord().mean_absolute_error(), 4);
}

TEST_F(IssueScoresTest, AsOfSeesOnlyActualsAndIssuesOfItsTime) {
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 130}, {25, 130}}));
  const absl::Time at_first = clock_.Now();
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(25));
  const absl::Time at_second = clock_.Now();
  clock_.Advance(absl::Hours(24));
  // Later than the second instant, of what that instant knew already.
  Issue(MakeForecast(23, {{24, 150}}));
  Push("exports_usd", Rising(26));
  EXPECT_EQ(OnlyRecord(at_first).outcomes(), 0);
  // The 25th month is 124.
  EXPECT_EQ(OnlyRecord(at_second).outcomes(), 1);
  EXPECT_EQ(OnlyRecord(at_second).mean_absolute_error(), 6);
  EXPECT_EQ(OnlyRecord().outcomes(), 3);
}

TEST_F(IssueScoresTest, ARevisedActualIsScoredAsItIsKnownNow) {
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 130}}));
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(25));
  EXPECT_EQ(OnlyRecord().mean_absolute_error(), 6);
  clock_.Advance(absl::Hours(24));
  std::vector<double> revised = Rising(24);
  revised.push_back(129);
  Push("exports_usd", revised);
  EXPECT_EQ(OnlyRecord().mean_absolute_error(), 1);
}

TEST_F(IssueScoresTest, EverySeriesHasItsOwnRecord) {
  Push("exports_usd", Rising(26), {{"partner", "CHN"}});
  Push("exports_usd", Rising(26, 200), {{"partner", "TWN"}});
  v1::Forecast forecast = MakeForecast(23, {{24, 220}, {25, 220}});
  (*forecast.mutable_labels())["partner"] = "TWN";
  Issue(forecast);
  clock_.Advance(absl::Hours(1));
  v1::Forecast of_a_gone_series = MakeForecast(23, {{24, 220}});
  (*of_a_gone_series.mutable_labels())["partner"] = "KOR";
  Issue(of_a_gone_series);
  const std::vector<v1::TrackRecord> records = Records();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].labels().at("partner"), "CHN");
  EXPECT_EQ(records[0].outcomes(), 0);
  EXPECT_EQ(records[1].labels().at("partner"), "TWN");
  EXPECT_EQ(records[1].outcomes(), 2);
  EXPECT_EQ(records[1].mean_absolute_error(), 4.5);  // 224 and 225
}

TEST_F(IssueScoresTest, AnIssueInAnotherUnitOrFrequencyIsLeftOut) {
  Push("exports_usd", Rising(25));
  v1::Forecast forecast = MakeForecast(23, {{24, 130}});
  forecast.set_unit("EUR");
  Issue(forecast);
  clock_.Advance(absl::Hours(1));
  forecast = MakeForecast(23, {{24, 130}});
  forecast.set_frequency(v1::QUARTERLY);
  forecast.mutable_last()->set_period("2021-Q4");
  forecast.mutable_steps(0)->set_period("2022-Q1");
  Issue(forecast);
  EXPECT_EQ(OnlyRecord().outcomes(), 0);
}

TEST_F(IssueScoresTest, AHistoryShorterThanASeasonHasNoScaledError) {
  // Twelve months before the forecast: no two are a year apart.
  Push("exports_usd", Rising(30));
  Issue(MakeForecast(11, {{12, 110}}));
  EXPECT_EQ(OnlyRecord().mean_absolute_error(), 2);
  EXPECT_FALSE(OnlyRecord().has_mean_scaled_error());
}

TEST_F(IssueScoresTest, CountsIssuesBeyondOnePage) {
  Push("exports_usd", Rising(25));
  store::Batch batch;
  for (int i = 0; i < 250; ++i) {
    v1::Forecast forecast = MakeForecast(23, {{24, 124.0 + i}});
    batch.records.push_back(ArchiveForecast("exports", 0, forecast));
    clock_.Advance(absl::Hours(1));
  }
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_EQ(OnlyRecord().issues(), 250);
  EXPECT_EQ(OnlyRecord().mean_absolute_error(), 249 / 2.0);
}

TEST_F(IssueScoresTest, NamesAStoredForecastThatCannotBeScored) {
  Push("exports_usd", Rising(25));
  v1::Forecast forecast = MakeForecast(23, {{24, 130}});
  forecast.mutable_steps(0)->clear_quantiles();
  const std::string name = [&] {
    v1::Forecast named = forecast;
    ArchiveForecast("exports", 0, named);
    return named.name();
  }();
  Issue(forecast);
  EXPECT_EQ(TryRecords(absl::InfiniteFuture()).status(),
            absl::DataLossError("the stored forecast " + name +
                                " cannot be scored: a forecast without "
                                "quantiles cannot be scored; restore the store "
                                "from a backup"));
}

// The stratum, or one without outcomes.
v1::TrackStratum StratumOf(
    const google::protobuf::RepeatedPtrField<v1::TrackStratum>& strata,
    const std::string& method, int last_step, v1::ActualKind kind) {
  for (const v1::TrackStratum& stratum : strata) {
    if (stratum.method() == method && stratum.last_step() == last_step &&
        stratum.actuals() == kind) {
      return stratum;
    }
  }
  return {};
}

TEST_F(IssueScoresTest, DistancesAndMethodsAreToldApart) {
  Push("exports_usd", Rising(24));
  v1::Forecast forecast = MakeForecast(23, {{24, 120}, {25, 126}, {26, 127}});
  forecast.set_method("auto");
  Issue(forecast);
  clock_.Advance(absl::Hours(24));
  forecast.set_method("by_hand");
  *forecast.mutable_issue_time() = messages::ToTimestamp(clock_.Now());
  forecast.mutable_steps(0)->set_point(123);
  Issue(forecast);
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(27));
  const v1::TrackRecord record = OnlyRecord();
  const auto of = [&](const std::string& method, int last_step) {
    return StratumOf(record.strata(), method, last_step, v1::LATEST);
  };
  EXPECT_EQ(of("auto", 1).mean_absolute_error(), 4);
  EXPECT_EQ(of("by_hand", 1).mean_absolute_error(), 1);
  EXPECT_EQ(of("auto", 3).mean_absolute_error(), 1);
  EXPECT_EQ(of("", 1).outcomes(), 2);
  EXPECT_EQ(of("", 0).outcomes(), 6);
  EXPECT_EQ(of("", 0).issues(), 2);
}

TEST_F(IssueScoresTest, SkillIsAgainstTheSeasonalNaive) {
  // Its forecast of the 25th month is the 13th, 112; the actual is 124.
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 121}}));
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(25));
  EXPECT_DOUBLE_EQ(StratumOf(OnlyRecord().strata(), "", 0, v1::LATEST).skill(),
                   1 - 3 / 12.0);
}

TEST_F(IssueScoresTest, TheFirstReleaseIsWhatAnIssueSawFirst) {
  Push("exports_usd", Rising(24));
  Issue(MakeForecast(23, {{24, 130}}));
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(25));
  v1::Forecast next = MakeForecast(24, {{25, 126}});
  next.mutable_last()->set_value(124);
  Issue(next);
  clock_.Advance(absl::Hours(24));
  std::vector<double> revised = Rising(24);
  revised.push_back(129);
  Push("exports_usd", revised);
  const v1::TrackRecord record = OnlyRecord();
  EXPECT_EQ(StratumOf(record.strata(), "", 0, v1::LATEST).mean_absolute_error(),
            1);
  EXPECT_EQ(StratumOf(record.strata(), "", 0, v1::FIRST_RELEASE)
                .mean_absolute_error(),
            6);
}

TEST_F(IssueScoresTest, IssuesBeforeANewBaseAreLeftOut) {
  Push("exports_usd", Rising(24));
  // Rising(30)[i] is 100 + i: all are doubled later.
  for (int last = 21; last < 25; ++last) {
    v1::Forecast forecast = MakeForecast(last, {{last + 1, 101.0 + last}});
    forecast.mutable_last()->set_value(100 + last);
    Issue(forecast);
    clock_.Advance(absl::Hours(24));
  }
  std::vector<double> doubled = Rising(26);
  for (double& value : doubled) value *= 2;
  Push("exports_usd", doubled);
  EXPECT_EQ(OnlyRecord().issues(), 0);
  EXPECT_EQ(OnlyRecord().rescaled_issues(), 4);
}

TEST_F(IssueScoresTest, ARevisionOfOnePeriodIsNoNewBase) {
  Push("exports_usd", Rising(24));
  v1::Forecast forecast = MakeForecast(23, {{24, 130}});
  forecast.mutable_last()->set_value(90);
  Issue(forecast);
  clock_.Advance(absl::Hours(24));
  Push("exports_usd", Rising(25));
  EXPECT_EQ(OnlyRecord().rescaled_issues(), 0);
  EXPECT_EQ(OnlyRecord().issues(), 1);
}

TEST_F(IssueScoresTest, AForecastThatIsCarriedOnIsScoredOnce) {
  Push("exports_usd", Rising(24));
  v1::Forecast forecast = MakeForecast(23, {{24, 130}});
  ArchiveForecast("exports", 0, forecast);  // names it
  Issue(forecast);
  clock_.Advance(absl::Hours(24));
  v1::Forecast carried = forecast;
  carried.set_carried_from(forecast.name());
  *carried.mutable_issue_time() = messages::ToTimestamp(clock_.Now());
  Issue(carried);
  Push("exports_usd", Rising(25));
  EXPECT_EQ(OnlyRecord().issues(), 1);
}

TEST_F(IssueScoresTest, StrataOfAllSeriesAddUp) {
  Push("exports_usd", Rising(25), {{"partner", "CHN"}});
  Push("exports_usd", Rising(25, 200), {{"partner", "TWN"}});
  for (const auto& [partner, point] :
       {std::pair("CHN", 125.0), {"TWN", 227.0}}) {
    v1::Forecast forecast = MakeForecast(23, {{24, point}});
    (*forecast.mutable_labels())["partner"] = partner;
    Issue(forecast);
    clock_.Advance(absl::Hours(1));
  }
  Records();
  ASSERT_FALSE(strata_.empty());
  EXPECT_EQ(strata_[0].outcomes(), 2);
  EXPECT_EQ(strata_[0].mean_absolute_error(), 2);
}

}  // namespace
}  // namespace headway::pipeline
