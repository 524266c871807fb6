#include "daemon/pipeline/issues/forecast_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "daemon/messages/timestamp.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ForecastArchiveTest : public store::StoreTest {
 protected:
  // One issue with a forecast for each partner.
  void Issue(const std::string& indicator, absl::string_view day,
             const std::vector<std::string>& partners) {
    store::Batch batch;
    for (const std::string& partner : partners) {
      v1::Forecast forecast;
      *forecast.mutable_issue_time() = messages::ToTimestamp(store::At(day));
      (*forecast.mutable_labels())["partner"] = partner;
      batch.records.push_back(
          ArchiveForecast(indicator, batch.records.size(), forecast));
      names_.insert(forecast.name());
    }
    Commit(batch);
  }

  std::vector<std::string> Latest(const std::string& indicator,
                                  absl::Time as_of = absl::InfiniteFuture()) {
    std::vector<std::string> found;
    const auto issue =
        LatestIssue(*store_->NewReader(), indicator, {.as_of = as_of});
    for (const StoredForecast& forecast : issue->forecasts) {
      found.push_back(Describe(forecast));
    }
    return found;
  }

  static std::string Describe(const StoredForecast& stored) {
    v1::Forecast forecast;
    EXPECT_TRUE(forecast.ParseFromString(stored.bytes));
    return absl::FormatTime("%Y-%m-%d ",
                            messages::FromTimestamp(forecast.issue_time()),
                            absl::UTCTimeZone()) +
           forecast.labels().at("partner");
  }

  std::set<std::string> names_;
};

TEST_F(ForecastArchiveTest, TheLatestIssueHoldsEverySeriesInItsOrder) {
  Issue("exports", "2024-01-01", {"CHN", "TWN"});
  Issue("exports", "2024-02-01", {"CHN", "KOR", "TWN"});
  EXPECT_THAT(Latest("exports"), ElementsAre("2024-02-01 CHN", "2024-02-01 KOR",
                                             "2024-02-01 TWN"));
}

TEST_F(ForecastArchiveTest, AsOfFindsTheIssueOfItsTime) {
  Issue("exports", "2024-01-01", {"CHN"});
  Issue("exports", "2024-02-01", {"CHN"});
  EXPECT_THAT(Latest("exports", store::At("2024-02-01")),
              ElementsAre("2024-02-01 CHN"));
  EXPECT_THAT(
      Latest("exports", store::At("2024-02-01") - absl::Microseconds(1)),
      ElementsAre("2024-01-01 CHN"));
  EXPECT_THAT(Latest("exports", store::At("2023-12-31")), IsEmpty());
}

TEST_F(ForecastArchiveTest, AnIndicatorDoesNotSeeOneWhoseNameItBegins) {
  Issue("exports_total", "2024-01-01", {"CHN"});
  EXPECT_THAT(Latest("exports"), IsEmpty());
}

TEST_F(ForecastArchiveTest, EveryForecastHasANameOfItsOwn) {
  Issue("exports", "2024-01-01", {"CHN", "TWN"});
  Issue("exports", "2024-02-01", {"CHN", "TWN"});
  EXPECT_THAT(names_, SizeIs(4));
  EXPECT_THAT(*names_.begin(),
              testing::MatchesRegex(
                  "indicators/exports/forecasts/20240101-000000.000000-.*"));
}

TEST_F(ForecastArchiveTest, PagesVisitEveryForecastOnceNewestFirst) {
  for (const char* day : {"2024-01-01", "2024-02-01", "2024-03-01"}) {
    Issue("exports", day, {"CHN", "TWN", "KOR"});
  }
  std::vector<std::string> days;
  std::string token;
  do {
    const auto page =
        ListIssues(*store_->NewReader(), "exports", {.items = 2}, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const StoredForecast& forecast : page->forecasts) {
      days.push_back(Describe(forecast).substr(0, 7));
    }
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_THAT(days,
              ElementsAre("2024-03", "2024-03", "2024-03", "2024-02", "2024-02",
                          "2024-02", "2024-01", "2024-01", "2024-01"));
}

TEST_F(ForecastArchiveTest, PagesOfAnIssueAreOfThatIssueWhateverComesNext) {
  Issue("exports", "2024-01-01", {"CHN", "KOR", "TWN"});
  IssueQuery query;
  query.bounds.items = 2;
  const auto first = LatestIssue(*store_->NewReader(), "exports", query);
  EXPECT_THAT(first->forecasts, SizeIs(2));
  Issue("exports", "2024-02-01", {"CHN"});
  query.page_token = first->next_page_token;
  const auto second = LatestIssue(*store_->NewReader(), "exports", query);
  ASSERT_THAT(second->forecasts, SizeIs(1));
  EXPECT_EQ(Describe(second->forecasts[0]), "2024-01-01 TWN");
  EXPECT_EQ(second->next_page_token, "");
}

TEST_F(ForecastArchiveTest, APageEndsBeforeTheForecastThatIsOneByteTooMuch) {
  Issue("exports", "2024-01-01", {"CHN", "KOR", "TWN"});
  const auto whole = LatestIssue(*store_->NewReader(), "exports", {});
  const size_t size = whole->forecasts[0].bytes.size();
  IssueQuery query;
  query.bounds.bytes = 2 * size;
  EXPECT_THAT(LatestIssue(*store_->NewReader(), "exports", query)->forecasts,
              SizeIs(2));
  query.bounds.bytes = 2 * size - 1;
  EXPECT_THAT(LatestIssue(*store_->NewReader(), "exports", query)->forecasts,
              SizeIs(1));
}

TEST_F(ForecastArchiveTest, ForecastsAreParsedInTheOrderOfTheirPage) {
  Issue("exports", "2024-01-01", {"TWN", "CHN"});
  const auto page = LatestIssue(*store_->NewReader(), "exports", {});
  const auto forecasts = ParseForecasts(*page);
  ASSERT_TRUE(forecasts.ok()) << forecasts.status();
  ASSERT_THAT(*forecasts, SizeIs(2));
  EXPECT_EQ((*forecasts)[0].labels().at("partner"), "TWN");
  EXPECT_EQ((*forecasts)[1].labels().at("partner"), "CHN");
}

TEST_F(ForecastArchiveTest, WhoParsesADamagedForecastIsToldItsKey) {
  store::Batch batch;
  batch.records.push_back(
      {store::RecordKind::kForecasts, "exports/0/0", "no forecast"});
  Commit(batch);
  const auto page = LatestIssue(*store_->NewReader(), "exports", {});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(ParseForecasts(*page).status(),
            absl::DataLossError("the stored forecast exports/0/0 cannot be "
                                "read; restore the store from a backup"));
}

TEST_F(ForecastArchiveTest, RefusesATokenThatNoPageGave) {
  EXPECT_EQ(ListIssues(*store_->NewReader(), "exports", {}, "../x").status(),
            absl::InvalidArgumentError("page token \"../x\" is not one that a "
                                       "listing of forecasts gave"));
}

}  // namespace
}  // namespace headway::pipeline
