#include "tools/headway/render/forecast_rows.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

using ::testing::HasSubstr;

v1::Forecast ForecastOf(int steps, v1::Frequency frequency) {
  v1::Forecast forecast;
  forecast.set_frequency(frequency);
  for (int i = 1; i <= steps; ++i) {
    v1::ForecastStep* step = forecast.add_steps();
    step->set_period(std::to_string(i));
    step->set_point(i);
    for (double probability : {0.1, 0.9}) {
      v1::Quantile* quantile = step->add_quantiles();
      quantile->set_probability(probability);
      quantile->set_value(i + probability);
    }
  }
  return forecast;
}

std::string PeriodsOf(const v1::Forecast& forecast) {
  std::string periods;
  for (const auto& step : forecast.steps()) periods += step.period() + " ";
  return periods;
}

TEST(ThinnedOutTest, KeepsTheLastStepAndAnEvenSpacing) {
  EXPECT_EQ(PeriodsOf(ThinnedOut(ForecastOf(4, v1::WEEKLY), 13)), "1 2 3 4 ");
  EXPECT_EQ(PeriodsOf(ThinnedOut(ForecastOf(10, v1::WEEKLY), 4)), "1 4 7 10 ");
  EXPECT_EQ(ThinnedOut(ForecastOf(52, v1::WEEKLY), 13).steps_size(), 13);
}

TEST(QuantileTest, IsADashWhereTheForecastDoesNotHoldIt) {
  const v1::Forecast forecast = ForecastOf(1, v1::ANNUAL);
  EXPECT_EQ(QuantileCell(forecast.steps(0), 0.9, "USD").text, "1.90");
  EXPECT_EQ(QuantileCell(forecast.steps(0), 0.975, "USD").text, "–");
}

TEST(DescribeForecastTest, SaysWhyThereIsNone) {
  v1::Forecast forecast;
  forecast.set_error("the series has 1 value");
  EXPECT_EQ(DescribeForecast(forecast), "no forecast: the series has 1 value");
}

TEST(DescribeForecastTest, NamesModelOriginAndBacktest) {
  v1::Forecast forecast = ForecastOf(1, v1::ANNUAL);
  forecast.set_name("indicators/x/forecasts/1");
  forecast.set_model("ETS(A,N,N)");
  forecast.set_method("auto");
  forecast.mutable_issue_time()->set_seconds(1772692200);
  forecast.mutable_backtest()->set_origins(6);
  forecast.mutable_backtest()->set_mase(0.814);
  forecast.mutable_backtest()->set_smape(7.44);
  forecast.mutable_backtest()->set_coverage80(0.78);
  EXPECT_EQ(DescribeForecast(forecast),
            "ETS(A,N,N) by method auto; issued 2026-03-05 06:30 UTC; backtest "
            "over 6 origins: MASE 0.81, sMAPE 7.4 %, 80 % interval covered "
            "78 %");
}

TEST(DescribeForecastTest, APoolNamesItsWeights) {
  v1::Forecast forecast;
  forecast.set_model("M");
  forecast.set_method("pool");
  for (const auto& [method, weight] :
       {std::pair("theta", 0.62), {"plugin:walk", 0.38}}) {
    v1::ForecastMember& member = *forecast.add_members();
    member.set_method(method);
    member.set_weight(weight);
    member.set_origins(20);
  }
  EXPECT_EQ(DescribeForecast(forecast),
            "M by method pool; computed now and not kept; weights: theta 0.62, "
            "plugin:walk 0.38 over 20 origins");
}

TEST(DescribeForecastTest, SaysWhoChangedItByHand) {
  v1::Forecast forecast;
  forecast.set_model("Naive");
  forecast.set_method("by_hand");
  forecast.mutable_adjustment()->set_author("Ada");
  forecast.mutable_adjustment()->set_reason("a plant closed");
  EXPECT_EQ(DescribeForecast(forecast),
            "Naive by method by_hand; computed now and not kept; changed by "
            "hand by Ada: a plant closed");
}

TEST(DescribeForecastTest, GivesEachNoteALine) {
  v1::Forecast forecast;
  forecast.set_model("Naive");
  forecast.add_notes("a partial value, of 2020-04, is not fitted");
  forecast.add_notes("3 missing values within the series");
  EXPECT_EQ(DescribeForecast(forecast),
            "Naive; computed now and not kept; too short for a backtest\n"
            "note: a partial value, of 2020-04, is not fitted\n"
            "note: 3 missing values within the series");
}

TEST(DescribeForecastTest, GivesEffectsBreaksAndTheLastAnomaliesALine) {
  v1::Forecast forecast;
  forecast.set_model("Naive");
  v1::RegressorEffect& effect = *forecast.add_regressors();
  effect.set_name("working_days");
  effect.set_coefficient(0.5);
  effect.set_standard_error(0.25);
  v1::ForecastBreak& start = *forecast.add_breaks();
  start.set_period("2019-01");
  start.set_kind(v1::ForecastBreak::START);
  start.set_reason("rebased");
  for (int month = 1; month <= 7; ++month) {
    v1::Anomaly& anomaly = *forecast.add_anomalies();
    anomaly.set_period(absl::StrCat("2020-0", month));
    anomaly.set_kind(v1::Anomaly::OUTLIER);
    anomaly.set_observed(9);
    anomaly.set_expected(1);
    anomaly.set_deviations(8);
  }
  const std::string text = DescribeForecast(forecast);
  EXPECT_THAT(
      text,
      HasSubstr("\nregressor: working_days: +0.5 (standard error 0.25) a unit"
                "\nbreak: 2019-01: a new start; nothing before is fitted: "
                "rebased"
                "\nanomaly: 2020-03: an outlier, 9 where 1 was expected (8.0 "
                "standard errors); fitted like any other value\n"));
  EXPECT_THAT(text, HasSubstr("\nand 2 earlier anomalies; --format json has "
                              "them"));
}

TEST(DescribeTrackRecordTest, SaysWhereNoActualHasCome) {
  EXPECT_EQ(DescribeTrackRecord(v1::TrackRecord()), "none yet");
}

TEST(DescribeTrackRecordTest, LeavesOutWhatIsNotKnown) {
  v1::TrackRecord record;
  record.set_unit("percent");
  record.set_issues(1);
  record.set_outcomes(1);
  record.set_mean_absolute_error(2.5);
  EXPECT_EQ(DescribeTrackRecord(record), "1 outcome of 1 issue: MAE 2.5 pp");
}

TEST(DescribeTrackRecordTest, TellsErrorAndCoverage) {
  v1::TrackRecord record;
  record.set_unit("USD");
  record.set_issues(3);
  record.set_outcomes(12);
  record.set_mean_absolute_error(1.2e6);
  record.set_mean_scaled_error(0.8);
  record.set_coverage80(10 / 12.0);
  EXPECT_EQ(DescribeTrackRecord(record),
            "12 outcomes of 3 issues: MAE 1.20 M, scaled 0.80, 80 % interval "
            "held 83 %");
}

}  // namespace
}  // namespace headway::cli
