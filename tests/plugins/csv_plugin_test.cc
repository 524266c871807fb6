#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/plugins/csv_table_fixture.h"
#include "tests/support/http_server.h"

namespace headway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr absl::string_view kPlainHeader =
    "metric,reporter,partner,frequency,period,value,unit,known_at,source\n";

class CsvPluginTest : public CsvTableTest {
 protected:
  Conversation ReadRows(absl::string_view rows, CsvOptions options = {}) {
    return ReadCsv(absl::StrCat(kPlainHeader, rows), std::move(options));
  }
};

TEST_F(CsvPluginTest, ReadsTheDefaultLayoutWithNoOptionBesidesTheAddress) {
  Conversation said = ReadRows(
      "trade_usd,USA,CHN,monthly,2024-01,100,USD,2024-03-07,Census\n"
      "trade_usd,JPN,CHN,monthly,2024-01,7.5,USD,2024-02-28,Customs\n"
      "growth,,,annual,2024,-1e-2,percent,2025-01-01T13:30:00Z,Bureau\n");
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_THAT(said.Values(),
              ElementsAre("growth{} 2024@2025-01-01T13:30:00Z = -0.01",
                          "trade_usd{partner=CHN,reporter=JPN} "
                          "2024-01@2024-02-28T23:59:59.999999Z = 7.5",
                          "trade_usd{partner=CHN,reporter=USA} "
                          "2024-01@2024-03-07T23:59:59.999999Z = 100"));
  ASSERT_EQ(said.series().size(), 3);
  EXPECT_EQ(said.series()[0].frequency(), plugin::v1::MONTHLY);
  EXPECT_EQ(said.series()[0].unit(), "USD");
  EXPECT_EQ(said.series()[0].source_name(), "Census");
  EXPECT_EQ(said.series()[0].vintage_kind(), plugin::v1::NATIVE);
  EXPECT_FALSE(said.checkpoints().at(0).complete());
}

TEST_F(CsvPluginTest, DeliversTheRevisionsOfASeriesFromTheOldestToTheNewest) {
  Conversation said = ReadRows(
      "x,,,monthly,2024-01,3,USD,2024-05-01,\n"
      "x,,,monthly,2024-01,1,USD,2024-03-01,\n"
      "x,,,monthly,2024-02,9,USD,2024-05-01,\n"
      "x,,,monthly,2024-01,2,USD,2024-04-01,\n");
  std::vector<std::string> order;
  for (const auto& batch : said.batches()) {
    order.push_back(absl::StrCat(batch.known_at().seconds() / 86400, ":",
                                 batch.periods_size(), ":", batch.values(0)));
  }
  EXPECT_THAT(order, ElementsAre("19783:1:1", "19814:1:2", "19844:2:3"));
}

TEST_F(CsvPluginTest, TakesRowsWithoutKnownAtForAssumedWithTheirLag) {
  Conversation said = ReadCsv(
      "metric,period,value,unit,known_at,release_lag_days\n"
      "x,2024-Q1,1,USD,,45\n");
  ASSERT_EQ(said.series().size(), 1) << said.error().message();
  EXPECT_EQ(said.series()[0].vintage_kind(), plugin::v1::ASSUMED);
  EXPECT_EQ(said.series()[0].release_lag().seconds(), 45 * 86400);
  EXPECT_THAT(said.Values(), ElementsAre("x{} 2024-Q1 = 1"));
}

TEST_F(CsvPluginTest, WarnsWhenNobodySaidHowLateAPublisherIs) {
  const char* const rows = "x,,,annual,2024,1,USD,,\n";
  EXPECT_THAT(ReadRows(rows).log(), HasSubstr("set release_lag_days"));
  Conversation told = ReadRows(rows, {{"release_lag_days", "20"}});
  EXPECT_THAT(told.log(), Not(HasSubstr("release_lag_days")));
  EXPECT_EQ(told.series().at(0).release_lag().seconds(), 20 * 86400);
}

TEST_F(CsvPluginTest, TakesATableWithoutKnownAtForObserved) {
  const char* const table = "metric,period,value,unit\nx,2024,1,USD\n";
  EXPECT_EQ(ReadCsv(table).series().at(0).vintage_kind(), plugin::v1::OBSERVED);
  EXPECT_EQ(
      ReadCsv(table, {{"vintages", "assumed"}}).series().at(0).vintage_kind(),
      plugin::v1::ASSUMED);
  EXPECT_EQ(ReadRows("x,,,annual,2024,1,USD,,\n", {{"vintages", "observed"}})
                .series()
                .at(0)
                .vintage_kind(),
            plugin::v1::OBSERVED);
}

TEST_F(CsvPluginTest, RefusesASeriesOfWhichOnlySomeRowsHaveAKnownAt) {
  EXPECT_THAT(ErrorOf(ReadRows("x,,,annual,2023,1,USD,2024-01-01,\n"
                               "x,,,annual,2024,1,USD,,\n")),
              HasSubstr(":3: known_at is empty, unlike line 2 of the same"));
}

TEST_F(CsvPluginTest, NamesFileLineColumnAndValueOfABadCell) {
  struct Case {
    const char* row;
    const char* message;
  };
  const Case kCases[] = {
      {"x,,,annual,2024,1O0,USD,,\n", "column \"value\": \"1O0\" is not a"},
      {"x,,,annual,2024,inf,USD,,\n", "column \"value\": \"inf\" is not a"},
      {"x,,,annual,2024-13,1,USD,,\n", "column \"period\": \"2024-13\""},
      {"x,,,monthly,2024,1,USD,,\n", "column \"period\": \"2024\""},
      {"x,,,yearly,2024,1,USD,,\n", "column \"frequency\": \"yearly\""},
      {"x,,,annual,2024,1,USD,soon,\n",
       "column \"known_at\": \"soon\" is neither a date"},
      {"x,,,annual,2024,1,USD,2026-08-21,\n",
       "column \"known_at\": \"2026-08-21\" lies in the future"},
      {"x,,,annual,2024,1,US D,,\n", "US D"},
      {"x,,,annual,2024,1,,,\n", "there is no unit"},
      {"1x,,,annual,2024,1,USD,,\n", "1x"},
      {",,,annual,2024,1,USD,,\n", "the row has no metric"},
  };
  for (const Case& c : kCases) {
    std::string message =
        ErrorOf(ReadRows(absl::StrCat("ok,,,annual,2024,1,USD,,\n", c.row)));
    EXPECT_THAT(message,
                AllOf(HasSubstr("/table.csv:3: "), HasSubstr(c.message)));
  }
}

TEST_F(CsvPluginTest, RefusesATableThatIsNotUtf8) {
  EXPECT_THAT(ErrorOf(ReadRows("x,,,annual,2023,1,USD,,a\n"
                               "x,,,annual,2024,1,USD,,caf\xE9\n")),
              HasSubstr(":3: the text is not UTF-8; convert the table"));
}

TEST_F(CsvPluginTest, RefusesAPeriodThatIsGivenTwice) {
  EXPECT_THAT(
      ErrorOf(ReadRows("x,,,annual,2024,1,USD,2025-01-01,\n"
                       "x,,,annual,2024,2,USD,2025-01-01,\n")),
      HasSubstr(":3: period 2024 of x is given twice, first on line 2"));
}

TEST_F(CsvPluginTest, RefusesASeriesThatChangesItsUnit) {
  EXPECT_THAT(ErrorOf(ReadRows("x,,,annual,2023,1,USD,,\n"
                               "x,,,annual,2024,1,EUR,,\n")),
              HasSubstr("the unit is \"EUR\", not \"USD\", unlike line 2"));
}

TEST_F(CsvPluginTest, JoinsTheSourcesOfTheRowsOfASeries) {
  Conversation said = ReadRows(
      "x,,,annual,2023,1,USD,,\"Press release, 2024\"\n"
      "x,,,annual,2024,1,USD,,Annual report\n"
      "x,,,annual,2025,1,USD,,Annual report\n");
  EXPECT_EQ(said.series().at(0).source_name(),
            "Press release, 2024; Annual report");
}

TEST_F(CsvPluginTest, CountsLinesRightAfterCellsOfSeveralLines) {
  EXPECT_THAT(ErrorOf(ReadRows("x,,,annual,2023,1,USD,,\"of\nmany\nlines\"\n"
                               "x,,,annual,2024,?,USD,,\n")),
              HasSubstr(".csv:5: column \"value\": \"?\""));
}

TEST_F(CsvPluginTest, SkipsWithdrawsOrRefusesEmptyValues) {
  const char* const rows =
      "x,,,annual,2023,,USD,,\nx,,,annual,2024,.,USD,,\n"
      "x,,,annual,2025,1,USD,,\n";
  Conversation skipped = ReadRows(rows, {{"missing", ".,n/a"}});
  EXPECT_THAT(skipped.Values(), ElementsAre("x{} 2025 = 1"));
  EXPECT_THAT(skipped.log(), HasSubstr("2 empty values skipped"));
  EXPECT_THAT(
      ReadRows(rows, {{"missing", "."}, {"empty_values", "withdraw"}}).Values(),
      ElementsAre("x{} 2023 withdrawn", "x{} 2024 withdrawn", "x{} 2025 = 1"));
  EXPECT_THAT(ErrorOf(ReadRows(rows, {{"empty_values", "error"}})),
              HasSubstr(":2: column \"value\": \"\" the value is missing"));
}

TEST_F(CsvPluginTest, ReadsATableWithAMetricPerColumn) {
  Conversation said =
      ReadCsv("Month;Exports;Imports;Note\n2024-01;1.5;2;x\n2024-02;;3;y\n",
              {{"separator", ";"},
               {"period_column", "Month"},
               {"value_columns", "exports_usd=Exports, imports_usd=Imports"},
               {"labels", "none"},
               {"constant_labels", "reporter=USA"},
               {"unit", "USD"},
               {"scale", "1e6"}});
  EXPECT_THAT(said.Values(),
              ElementsAre("exports_usd{reporter=USA} 2024-01 = 1500000",
                          "imports_usd{reporter=USA} 2024-01 = 2000000",
                          "imports_usd{reporter=USA} 2024-02 = 3000000"))
      << said.error().message();
}

TEST_F(CsvPluginTest, ReadsATableWithALabelPerColumn) {
  Conversation said = ReadCsv("quarter,TSMC,SMIC\n2024-Q1,18.8,1.7\n",
                              {{"period_column", "quarter"},
                               {"metric", "revenue_usd"},
                               {"value_columns", "TSMC,SMIC"},
                               {"value_label", "company"},
                               {"unit", "USD"},
                               {"title", "Revenue of {company}"}});
  EXPECT_THAT(said.Values(),
              ElementsAre("revenue_usd{company=SMIC} 2024-Q1 = 1.7",
                          "revenue_usd{company=TSMC} 2024-Q1 = 18.8"))
      << said.error().message();
  EXPECT_EQ(said.series().at(0).title(), "Revenue of TSMC");
}

TEST_F(CsvPluginTest, ReadsATableWithAPeriodPerColumn) {
  Conversation said = ReadCsv("country,2023,2024,code\nCHN,1,2,a\nUSA,,4,b\n",
                              {{"period_columns", "true"},
                               {"metric", "gdp_usd"},
                               {"labels", "economy=country"},
                               {"unit", "USD"}});
  EXPECT_THAT(said.Values(), ElementsAre("gdp_usd{economy=CHN} 2023 = 1",
                                         "gdp_usd{economy=CHN} 2024 = 2",
                                         "gdp_usd{economy=USA} 2024 = 4"))
      << said.error().message();
}

TEST_F(CsvPluginTest, FillsInTheMetricOfTheOptionWhereTheCellIsEmpty) {
  Conversation said = ReadRows(
      "m,,,annual,2023,1,USD,,\n,,,annual,2024,2,USD,,\n", {{"metric", "m"}});
  EXPECT_THAT(said.Values(), ElementsAre("m{} 2023 = 1", "m{} 2024 = 2"))
      << said.error().message();
  EXPECT_EQ(said.series().size(), 1);
}

TEST_F(CsvPluginTest, ReadsOtherNotationsOfPeriods) {
  Conversation said = ReadCsv("observation_date,IPG3344S\n01-02-2024,101.5\n",
                              {{"period_column", "observation_date"},
                               {"period_format", "%d-%m-%Y"},
                               {"frequency", "monthly"},
                               {"value_column", "IPG3344S"},
                               {"metric", "production_index"},
                               {"unit", "index"},
                               {"source", "Federal Reserve"}});
  EXPECT_THAT(said.Values(), ElementsAre("production_index{} 2024-02 = 101.5"))
      << said.error().message();
  EXPECT_EQ(said.series().at(0).source_name(), "Federal Reserve");
}

TEST_F(CsvPluginTest, TakesTheNamesOfAllColumnsFromOptions) {
  Conversation said = ReadCsv(
      "m,p,v,u,f,k,l,t,s,who\n"
      "x,2024,1,USD,annual,,10,Title,Src,me\n",
      {{"metric_column", "m"},
       {"period_column", "p"},
       {"value_column", "v"},
       {"unit_column", "u"},
       {"frequency_column", "f"},
       {"known_at_column", "k"},
       {"release_lag_column", "l"},
       {"title_column", "t"},
       {"source_column", "s"}});
  EXPECT_THAT(said.Values(), ElementsAre("x{who=me} 2024 = 1"))
      << said.error().message();
  EXPECT_EQ(said.series().at(0).title(), "Title");
  EXPECT_EQ(said.series().at(0).release_lag().seconds(), 10 * 86400);
}

TEST_F(CsvPluginTest, NamesAnOptionThatFitsNoColumn) {
  const char* const table = "metric,period,value,unit\nx,2024,1,USD\n";
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"unit_column", "units"}})),
              HasSubstr("option unit_column: the table has no column \"units\";"
                        " it has metric, period, value, unit"));
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"labels", "hs"}})),
              HasSubstr("option labels: the table has no column \"hs\""));
  EXPECT_THAT(ErrorOf(ReadCsv("a,b\n1,2\n")),
              HasSubstr("option period_column: the table has no column"));
  EXPECT_THAT(
      ErrorOf(ReadCsv("metric,period,value,unit,HS code\nx,2024,1,USD,1\n")),
      HasSubstr("column \"HS code\" cannot be a label"));
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"scale", "million"}})),
              HasSubstr("option scale = \"million\" is not a number"));
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"scale", "inf"}})),
              HasSubstr("option scale = \"inf\" is not a number"));
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"release_lag_days", "-1"}})),
              HasSubstr("option release_lag_days = \"-1\" is not between"));
  EXPECT_THAT(ErrorOf(ReadCsv(table, {{"vintages", "native"}})),
              HasSubstr("neither observed nor assumed"));
}

TEST_F(CsvPluginTest, WithdrawsWhatAVintageOfASnapshotTableLeavesOut) {
  Conversation said = ReadRows(
      "x,USA,,annual,2023,1,USD,2024-02-01,\n"
      "x,CHN,,annual,2023,5,USD,2024-02-01,\n"
      "x,USA,,annual,2023,2,USD,2025-02-01,\n"
      "x,USA,,annual,2024,3,USD,2025-02-01,\n"
      "x,CHN,,annual,2024,6,USD,2026-02-01,\n",
      {{"snapshot", "true"}});
  EXPECT_THAT(
      said.Values(),
      UnorderedElementsAre(
          "x{reporter=USA} 2023@2024-02-01T23:59:59.999999Z snapshot = 1",
          "x{reporter=USA} 2023@2025-02-01T23:59:59.999999Z snapshot = 2",
          "x{reporter=USA} 2024@2025-02-01T23:59:59.999999Z snapshot = 3",
          "x{reporter=USA} nothing@2026-02-01T23:59:59.999999Z snapshot",
          "x{reporter=CHN} 2023@2024-02-01T23:59:59.999999Z snapshot = 5",
          "x{reporter=CHN} nothing@2025-02-01T23:59:59.999999Z snapshot",
          "x{reporter=CHN} 2024@2026-02-01T23:59:59.999999Z snapshot = 6"))
      << said.error().message();
  ASSERT_EQ(said.checkpoints().size(), 1);
  EXPECT_TRUE(said.checkpoints()[0].complete());
  EXPECT_EQ(said.checkpoints()[0].known_at().seconds(), 1769990399);
}

TEST_F(CsvPluginTest, RefusesASnapshotThatWouldWithdrawEverything) {
  EXPECT_THAT(
      ErrorOf(ReadRows("x,,,annual,2024,,USD,,\n", {{"snapshot", "true"}})),
      HasSubstr("would withdraw all there were"));
}

TEST_F(CsvPluginTest, DeliversNothingWhenTheTableDidNotChange) {
  const std::string row = "x,,,annual,2024,1,USD,,\n";
  Conversation first = ReadRows(row, {{"snapshot", "true"}});
  ASSERT_EQ(first.exit_status, 0);
  const std::string table = absl::StrCat(kPlainHeader, row);
  Conversation again = ReadCsv(table, {{"snapshot", "true"}}, first.states());
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_THAT(again.series(), IsEmpty());
  EXPECT_THAT(again.batches(), IsEmpty());
  // A complete checkpoint would withdraw all that was not delivered.
  EXPECT_FALSE(again.checkpoints().at(0).complete());
  EXPECT_THAT(again.log(), HasSubstr("unchanged"));

  Conversation changed =
      ReadCsv(absl::StrCat(table, "x,,,annual,2025,2,USD,,\n"),
              {{"snapshot", "true"}}, again.states());
  EXPECT_EQ(changed.Values().size(), 2);
  Conversation other_options =
      ReadCsv(table, {{"snapshot", "true"}, {"scale", "10"}}, again.states());
  EXPECT_THAT(other_options.Values(), ElementsAre("x{} 2024 snapshot = 10"));
}

TEST_F(CsvPluginTest, ReadsFromAServer) {
  HttpServer server([](const ServedRequest&) {
    return ServedAnswer{.body = "metric,period,value,unit\nx,2024,1,USD\n",
                        .content_type = "text/csv"};
  });
  Conversation said = RunPlugin(PluginPath("csv"), "read",
                                {.config = {{"url", server.url() + "/t.csv"}}});
  EXPECT_THAT(said.Values(), ElementsAre("x{} 2024 = 1"));
}

TEST_F(CsvPluginTest, ReadsAHundredThousandRows) {
  std::string table(kPlainHeader);
  for (int s = 0; s < 400; ++s) {
    for (int m = 0; m < 250; ++m) {
      absl::StrAppend(&table, "x,R", s, ",P,annual,", 1700 + m, ",", s * m,
                      ",USD,2026-01-01,\n");
    }
  }
  Conversation said = ReadCsv(table);
  ASSERT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_EQ(said.series().size(), 400);
  EXPECT_EQ(said.Values().size(), 100000);
}

}  // namespace
}  // namespace headway
