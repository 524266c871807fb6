#include "daemon/pipeline/forecast_thinning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;

class ForecastThinningTest : public store::StoreTest {
 protected:
  ForecastThinningTest() { definitions_->indicators["exports"]; }

  // A forecast of each period, in one issue. Empty: one that says why there is
  // no forecast.
  void Issue(const std::string& indicator, absl::Time time,
             const std::vector<std::string>& first_periods) {
    store::Batch batch;
    for (const std::string& period : first_periods) {
      v1::Forecast forecast;
      *forecast.mutable_issue_time() = messages::ToTimestamp(time);
      (*forecast.mutable_labels())["series"] =
          std::to_string(batch.records.size());
      if (!period.empty()) {
        forecast.set_frequency(
            messages::ToProto(series::ParsePeriod(period)->frequency));
        forecast.add_steps()->set_period(period);
      }
      batch.records.push_back(
          ArchiveForecast(indicator, batch.records.size(), forecast));
    }
    Commit(batch);
  }
  void IssueYearly(absl::string_view day) {
    Issue("exports", store::At(day), {"2199"});
  }

  // The days of the issues that are left, oldest first.
  std::vector<std::string> Days(const std::string& indicator = "exports") {
    const auto page = ListIssues(*store_->NewReader(), indicator, {}, "");
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> days;
    const auto forecasts = ParseForecasts(*page);
    EXPECT_TRUE(forecasts.ok()) << forecasts.status();
    for (const v1::Forecast& forecast : *forecasts) {
      days.push_back(absl::FormatTime(
          "%Y-%m-%d", messages::FromTimestamp(forecast.issue_time()),
          absl::UTCTimeZone()));
    }
    std::reverse(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    return days;
  }

  // A whole round, at that time. Returns the number of its parts.
  int Thin(absl::string_view today,
           absl::Duration keep_all = absl::Hours(24 * 30)) {
    clock_.AdvanceTo(store::At(today));
    ForecastThinning thinning(keep_all, &clock_, store_.get(),
                              [this] { return definitions_; });
    int parts = 1;
    while (true) {
      const absl::Time next = thinning.DoSome();
      if (next - clock_.Now() > absl::Minutes(1)) return parts;
      clock_.AdvanceTo(next);
      ++parts;
    }
  }

  std::shared_ptr<Definitions> definitions_ = std::make_shared<Definitions>();
};

// 2099-01-01 and 2099-01-08 are Thursdays, with which the weeks begin.
TEST_F(ForecastThinningTest, OfOldIssuesTheNewestOfEachWeekStays) {
  for (const char* day :
       {"2099-01-01", "2099-01-02", "2099-01-07", "2099-01-08", "2099-01-10"}) {
    IssueYearly(day);
  }
  Thin("2099-06-01");
  EXPECT_THAT(Days(), ElementsAre("2099-01-07", "2099-01-10"));
}

TEST_F(ForecastThinningTest, YoungIssuesStay) {
  IssueYearly("2099-01-01");
  IssueYearly("2099-01-02");
  Thin("2099-01-20");
  EXPECT_THAT(Days(), ElementsAre("2099-01-01", "2099-01-02"));
}

TEST_F(ForecastThinningTest, AnIssueOfWhichAPeriodIsOverStays) {
  Issue("exports", store::At("2099-01-01"), {"2199", "2099-01"});
  Issue("exports", store::At("2099-01-02"), {"2199", "2099-07"});
  IssueYearly("2099-01-03");
  Thin("2099-06-01");
  EXPECT_THAT(Days(), ElementsAre("2099-01-01", "2099-01-03"));
}

TEST_F(ForecastThinningTest, AnIssueIsDeletedWithEverySeriesOfIt) {
  Issue("exports", store::At("2099-01-01"),
        std::vector<std::string>(300, "2199"));
  IssueYearly("2099-01-02");
  Thin("2099-06-01");
  EXPECT_EQ(
      ListIssues(*store_->NewReader(), "exports", {}, "")->forecasts.size(), 1);
}

TEST_F(ForecastThinningTest, IssuesWithoutAnyForecastAreThinnedToo) {
  Issue("exports", store::At("2099-01-01"), {""});
  IssueYearly("2099-01-02");
  Thin("2099-06-01");
  EXPECT_THAT(Days(), ElementsAre("2099-01-02"));
}

TEST_F(ForecastThinningTest, IndicatorsThatAreNoLongerDefinedKeepTheirs) {
  Issue("gone", store::At("2099-01-01"), {"2199"});
  Issue("gone", store::At("2099-01-02"), {"2199"});
  Thin("2099-06-01");
  EXPECT_THAT(Days("gone"), ElementsAre("2099-01-01", "2099-01-02"));
}

TEST_F(ForecastThinningTest, EveryIndicatorGetsItsTurnInParts) {
  definitions_->indicators["models"];
  for (int day = 0; day < 130; ++day) {
    Issue("models", store::At("2099-01-01") + absl::Hours(24 * day), {"2199"});
  }
  IssueYearly("2099-01-01");
  IssueYearly("2099-01-02");
  EXPECT_GT(Thin("2099-12-01"), 2);
  EXPECT_THAT(Days(), ElementsAre("2099-01-02"));
  EXPECT_EQ(Days("models").size(), 19);  // weeks
}

TEST_F(ForecastThinningTest, WithoutAnAgeAllStay) {
  IssueYearly("2099-01-01");
  IssueYearly("2099-01-02");
  Thin("2099-06-01", absl::ZeroDuration());
  EXPECT_THAT(Days(), ElementsAre("2099-01-01", "2099-01-02"));
}

}  // namespace
}  // namespace headway::pipeline
