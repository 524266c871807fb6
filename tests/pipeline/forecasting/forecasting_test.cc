#include "daemon/pipeline/forecasting/forecasting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/forecast/forecast.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

query::LabelledColumn Column(series::Frequency frequency,
                             const std::vector<std::string>& periods,
                             const std::vector<double>& values,
                             const std::string& partner = "CHN") {
  query::LabelledColumn column;
  column.labels = series::Labels::Create({{"partner", partner}}).value();
  column.observations.frequency = frequency;
  for (const std::string& period : periods) {
    column.observations.ordinals.push_back(
        series::ParsePeriod(period)->ordinal);
  }
  column.observations.values = values;
  return column;
}

query::Panel PanelOf(std::vector<query::LabelledColumn> columns) {
  return {series::Unit::Parse("USD").value(), std::move(columns)};
}

ForecastTask Task(const std::string& method = "naive") {
  ForecastTask task;
  task.indicator = "exports";
  task.definition.method = method;
  task.as_of = absl::FromUnixSeconds(1700000000);
  task.issue_time = absl::FromUnixSeconds(1700000100);
  return task;
}

std::vector<MadeForecast> Made(const query::Panel& panel,
                               const ForecastTask& task) {
  return MakeForecasts(panel, task).value();
}

const std::vector<std::string> kYears = {"2018", "2019", "2020",
                                         "2021", "2022", "2023"};
const std::vector<double> kValues = {3, 1, 4, 1, 5, 9};

TEST(ForecastingTest, APartialPeriodIsForecastAndNotFitted) {
  query::LabelledColumn column =
      Column(series::Frequency::kAnnual, kYears, kValues);
  column.observations.statuses.assign(kYears.size(),
                                      series::ObservationStatus::kFinal);
  column.observations.statuses.back() = series::ObservationStatus::kPartial;
  const v1::Forecast forecast = Made(PanelOf({column}), Task())[0].forecast;
  EXPECT_EQ(forecast.last().period(), "2022");
  EXPECT_EQ(forecast.steps(0).period(), "2023");
  EXPECT_THAT(forecast.notes(),
              Contains("a partial value, of 2023, is not fitted"));
}

TEST(ForecastingTest, AnEstimatedPeriodIsFitted) {
  query::LabelledColumn column =
      Column(series::Frequency::kAnnual, kYears, kValues);
  column.observations.statuses.assign(kYears.size(),
                                      series::ObservationStatus::kFinal);
  column.observations.statuses.back() = series::ObservationStatus::kEstimated;
  const v1::Forecast forecast = Made(PanelOf({column}), Task())[0].forecast;
  EXPECT_EQ(forecast.last().period(), "2023");
}

query::Panel FifteenYears() {
  std::vector<std::string> years;
  std::vector<double> values;
  for (int t = 0; t < 15; ++t) {
    years.push_back(absl::StrCat(2009 + t));
    values.push_back(20.5 + t + t * 7 % 5);
  }
  return PanelOf({Column(series::Frequency::kAnnual, years, values)});
}

TEST(ForecastingTest, NamesWhatACombinationAveragedWithTheirShares) {
  const v1::Forecast forecast =
      Made(FifteenYears(), Task("auto_fast"))[0].forecast;
  ASSERT_GT(forecast.members_size(), 1);
  double sum = 0;
  for (const v1::ForecastMember& member : forecast.members()) {
    EXPECT_FALSE(member.model().empty());
    sum += member.weight();
  }
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(ForecastingTest, TheKindOfQuantityIsThatOfTheDefinition) {
  ForecastTask task = Task("auto_fast");
  task.definition.quantity = forecast::Quantity::kGrowth;
  const v1::Forecast forecast = Made(FifteenYears(), task)[0].forecast;
  ASSERT_GT(forecast.members_size(), 0);
  EXPECT_THAT(forecast.members(0).model(), HasSubstr("on logarithms"));
}

TEST(ForecastingTest, TheDefaultHorizonIsOneYearAndAtLeastFourPeriods) {
  const auto steps = [](series::Frequency frequency,
                        const std::vector<std::string>& periods) {
    return Made(PanelOf({Column(frequency, periods, {1, 2, 4})}), Task())[0]
        .forecast.steps_size();
  };
  EXPECT_EQ(steps(series::Frequency::kAnnual, {"2021", "2022", "2023"}), 4);
  EXPECT_EQ(
      steps(series::Frequency::kSemiannual, {"2021-S1", "2021-S2", "2022-S1"}),
      4);
  EXPECT_EQ(
      steps(series::Frequency::kQuarterly, {"2021-Q1", "2021-Q2", "2021-Q3"}),
      4);
  EXPECT_EQ(
      steps(series::Frequency::kMonthly, {"2021-01", "2021-02", "2021-03"}),
      12);
  EXPECT_EQ(
      steps(series::Frequency::kWeekly, {"2021-W01", "2021-W02", "2021-W03"}),
      52);
  EXPECT_EQ(steps(series::Frequency::kDaily,
                  {"2021-01-01", "2021-01-02", "2021-01-03"}),
            365);
}

TEST(ForecastingTest, HalfYearsHaveASeasonOfTwo) {
  std::vector<std::string> periods;
  std::vector<double> values;
  for (int year = 2010; year < 2024; ++year) {
    periods.push_back(absl::StrCat(year, "-S1"));
    periods.push_back(absl::StrCat(year, "-S2"));
    values.insert(values.end(), {10, 20});
  }
  ForecastTask task = Task();
  task.definition.method = "seasonal_naive";
  task.definition.horizon = 3;
  const auto made = Made(
      PanelOf({Column(series::Frequency::kSemiannual, periods, values)}), task);
  const v1::Forecast& forecast = made[0].forecast;
  EXPECT_EQ(forecast.frequency(), v1::SEMIANNUAL);
  ASSERT_EQ(forecast.steps_size(), 3);
  EXPECT_EQ(forecast.steps(0).period(), "2024-S1");
  EXPECT_EQ(forecast.steps(0).point(), 10);
  EXPECT_EQ(forecast.steps(1).point(), 20);
  EXPECT_EQ(forecast.steps(2).period(), "2025-S1");
}

TEST(ForecastingTest, GivesWhatTheLibraryGives) {
  ForecastTask task = Task();
  task.definition.horizon = 3;
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual, kYears, kValues)}), task);
  forecast::Options options;
  options.method = "naive";
  options.horizon = 3;
  const auto direct = forecast::MakeForecast(kValues, options);
  ASSERT_TRUE(direct.ok());
  ASSERT_THAT(made, SizeIs(1));
  const v1::Forecast& forecast = made[0].forecast;
  EXPECT_EQ(forecast.model(), direct->model);
  ASSERT_EQ(forecast.steps_size(), 3);
  for (int h = 0; h < 3; ++h) {
    EXPECT_EQ(forecast.steps(h).point(), direct->point[h]);
    EXPECT_EQ(forecast.steps(h).mean(), direct->mean[h]);
    ASSERT_EQ(forecast.steps(h).quantiles_size(), direct->quantiles[h].size());
    for (size_t q = 0; q < direct->quantiles[h].size(); ++q) {
      EXPECT_EQ(forecast.steps(h).quantiles(q).value(),
                direct->quantiles[h][q]);
    }
  }
  EXPECT_EQ(forecast.steps(0).period(), "2024");
  EXPECT_EQ(forecast.labels().at("partner"), "CHN");
  EXPECT_EQ(forecast.frequency(), v1::ANNUAL);
}

TEST(ForecastingTest, AnOutlierIsAnAnomalyOfItsPeriodAndWhatWasMissingANote) {
  std::vector<std::string> years;
  std::vector<double> values;
  for (int year = 1980; year < 2024; ++year) {
    if (year == 2010) continue;
    years.push_back(absl::StrCat(year));
    values.push_back(year == 2001 ? 900 : 100 + year * 7 % 5);
  }
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual, years, values)}), Task());
  EXPECT_THAT(made[0].forecast.notes(),
              Contains(HasSubstr("1 missing values within the series")));
  ASSERT_EQ(made[0].forecast.anomalies_size(), 1);
  const v1::Anomaly& anomaly = made[0].forecast.anomalies(0);
  EXPECT_EQ(anomaly.period(), "2001");
  EXPECT_EQ(anomaly.kind(), v1::Anomaly::OUTLIER);
  EXPECT_EQ(anomaly.observed(), 900);
  EXPECT_NEAR(anomaly.expected(), 102, 4);
  EXPECT_GT(anomaly.deviations(), 5);
  EXPECT_EQ(anomaly.treatment(), v1::Anomaly::FITTED);
  EXPECT_THAT(made[0].forecast.notes(), Not(Contains(HasSubstr("outlier"))));
}

TEST(ForecastingTest, AGapIsAMissingValueAndNotAShorterSeries) {
  // A straight line with a hole: only with the hole in its place is its slope
  // one a year.
  ForecastTask task = Task("drift");
  task.definition.horizon = 1;
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual,
                      {"2015", "2016", "2020", "2021"}, {15, 16, 20, 21})}),
      task);
  ASSERT_TRUE(made[0].status.ok()) << made[0].status;
  EXPECT_NEAR(made[0].forecast.steps(0).point(), 22, 1e-9);
}

TEST(ForecastingTest, ASeriesWithoutWeekendsIsNotForecastOnThem) {
  query::LabelledColumn column = Column(series::Frequency::kDaily, {}, {});
  const int32_t monday = series::ParsePeriod("2024-01-01")->ordinal;
  for (int day = 0; day < 40; ++day) {
    if (day % 7 > 4) continue;
    column.observations.ordinals.push_back(monday + day);
    column.observations.values.push_back(day % 7);
  }
  ForecastTask task = Task("seasonal_naive");
  task.definition.horizon = 6;
  const v1::Forecast forecast = Made(PanelOf({column}), task)[0].forecast;
  std::vector<std::string> periods;
  for (const auto& step : forecast.steps()) periods.push_back(step.period());
  // The last value is of Friday, 2024-02-09.
  EXPECT_THAT(periods,
              testing::ElementsAre("2024-02-12", "2024-02-13", "2024-02-14",
                                   "2024-02-15", "2024-02-16", "2024-02-19"));
  EXPECT_NEAR(forecast.steps(0).point(), 0, 1e-9);
  EXPECT_NEAR(forecast.steps(4).point(), 4, 1e-9);
  EXPECT_THAT(forecast.notes(),
              Contains(HasSubstr("values on 5 days of the week only")));
}

TEST(ForecastingTest, TheSameTaskGivesTheSameBitsAndAnotherInstantAnotherSeed) {
  // Simulated quantiles differ with the seed.
  ForecastTask task = Task("auto_ets");
  std::vector<std::string> periods;
  std::vector<double> values;
  for (int i = 0; i < 48; ++i) {
    periods.push_back(series::FormatPeriod({series::Frequency::kMonthly, i}));
    values.push_back(100 + 20 * (i % 12) + i * 1.5 + (i * 7919 % 13));
  }
  const query::Panel panel =
      PanelOf({Column(series::Frequency::kMonthly, periods, values)});
  const auto first = Made(panel, task)[0].forecast;
  const auto second = Made(panel, task)[0].forecast;
  ASSERT_GT(first.steps_size(), 0) << first.error();
  EXPECT_EQ(first.steps(11).SerializeAsString(),
            second.steps(11).SerializeAsString());
}

TEST(ForecastingTest, ASeriesTooShortCarriesItsErrorBesideTheOthers) {
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual, {"2023"}, {1}),
               Column(series::Frequency::kAnnual, kYears, kValues, "TWN")}),
      Task());
  ASSERT_THAT(made, SizeIs(2));
  EXPECT_EQ(made[0].status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(made[0].forecast.error(), std::string(made[0].status.message()));
  EXPECT_TRUE(made[1].status.ok());
}

TEST(ForecastingTest, AHorizonBeyondTheYearsThatAreKnownIsAnError) {
  ForecastTask task = Task();
  task.definition.horizon = 1000;
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual, kYears, kValues)}), task);
  EXPECT_EQ(made[0].status.message(),
            "1000 periods after 2023 is beyond the years that Headway knows; "
            "ask for a shorter horizon");
}

TEST(ForecastingTest, TakesTheProbabilitiesAskedFor) {
  ForecastTask task = Task();
  task.probabilities = {0.2, 0.8};
  const auto made = Made(
      PanelOf({Column(series::Frequency::kAnnual, kYears, kValues)}), task);
  ASSERT_EQ(made[0].forecast.steps(0).quantiles_size(), 2);
  EXPECT_EQ(made[0].forecast.steps(0).quantiles(1).probability(), 0.8);
}

// Two series of 600 months, which take far more than a few questions.
query::Panel TwoLongSeries() {
  std::vector<std::string> months;
  std::vector<double> values;
  for (int i = 0; i < 600; ++i) {
    months.push_back(series::FormatPeriod({series::Frequency::kMonthly, i}));
    values.push_back(100 + 20 * (i % 12) + i * 1.5 + (i * 7919 % 13));
  }
  return PanelOf({Column(series::Frequency::kMonthly, months, values),
                  Column(series::Frequency::kMonthly, months, values, "TWN")});
}

TEST(ForecastingTest, AStopWithinOrBetweenSeriesIsCancelledAndNotHalfAnAnswer) {
  const query::Panel panel = TwoLongSeries();
  for (const std::string method : {"naive", "auto_ets"}) {
    ForecastTask task = Task(method);
    int all = 0;
    task.stopped = [&all] {
      ++all;
      return false;
    };
    ASSERT_THAT(Made(panel, task), SizeIs(2));
    // At the start, within the first forecast, among its anomalies or in the
    // second forecast, and at the very end.
    ASSERT_GT(all, 8) << method;
    for (int stop_at : {1, 2, all / 4, all / 2, all - 1, all}) {
      int asked = 0;
      task.stopped = [&asked, stop_at] { return ++asked >= stop_at; };
      EXPECT_EQ(MakeForecasts(panel, task).status().code(),
                absl::StatusCode::kCancelled)
          << method << ", stopped at question " << stop_at << " of " << all;
      EXPECT_EQ(asked, stop_at) << method;
    }
  }
}

}  // namespace
}  // namespace headway::pipeline
