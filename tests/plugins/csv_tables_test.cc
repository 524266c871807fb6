// Tables as publishers and spreadsheets write them.
#include "tests/plugins/csv_table_fixture.h"

namespace headway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Options of a table of one series, and some more.
CsvOptions OneSeries(CsvOptions more = {}) {
  CsvOptions options = {{"metric", "m"}, {"unit", "USD"}, {"labels", "none"}};
  options.insert(more.begin(), more.end());
  return options;
}

class CsvTablesTest : public CsvTableTest {
 protected:
  std::vector<std::string> Values(absl::string_view table, CsvOptions options) {
    const Conversation said = ReadCsv(table, std::move(options));
    EXPECT_EQ(said.exit_status, 0) << said.error().message();
    return said.Values();
  }
  std::string Refusal(absl::string_view table, CsvOptions options) {
    return ErrorOf(ReadCsv(table, std::move(options)));
  }
};

// ---- what stands around the rows ----

TEST_F(CsvTablesTest, FindsTheHeaderBelowAPreface) {
  const Conversation said = ReadCsv(
      "\"Source\",\"Made-up tables\",\n\n\"Updated\",\"2026-04-08\",\n\n"
      "\"Name\",\"Code\",\"2021\",\"2022\",\n\"Lowland\",\"LOW\",\"1\",\"2\","
      "\n",
      {{"metric", "m"},
       {"unit", "USD"},
       {"period_columns", "true"},
       {"labels", "country=Code"}});
  EXPECT_THAT(said.Values(),
              ElementsAre("m{country=LOW} 2021 = 1", "m{country=LOW} 2022 = 2"))
      << said.error().message();
  EXPECT_THAT(said.log(), HasSubstr("4 lines above the header passed over"));
}

TEST_F(CsvTablesTest, SkipsTheLinesThatTheOptionCounts) {
  EXPECT_THAT(Values("period,value\nolder,table\nperiod,value\n2024,1\n",
                     OneSeries({{"skip_lines", "2"}})),
              ElementsAre("m{} 2024 = 1"));
}

TEST_F(CsvTablesTest, PassesOverCommentsBetweenRows) {
  EXPECT_THAT(Values("# made up\nperiod,value\n2023,1\n# a break, here\n"
                     "2024,2\n",
                     OneSeries({{"comment", "#"}})),
              ElementsAre("m{} 2023 = 1", "m{} 2024 = 2"));
}

TEST_F(CsvTablesTest, IgnoresEmptyColumnsAndCellsOfSpreadsheets) {
  EXPECT_THAT(
      Values("period,value,,\n2023,1\n2024,2,,,,\n,,,\n   \n", OneSeries()),
      ElementsAre("m{} 2023 = 1", "m{} 2024 = 2"));
}

TEST_F(CsvTablesTest, RefusesAFilledCellUnderNoName) {
  EXPECT_THAT(Refusal("metric,period,value,unit,\nm,2024,1,USD,Lowland\n", {}),
              HasSubstr(":2: \"Lowland\" stands in a column without a name"));
}

TEST_F(CsvTablesTest, RefusesCellsBeyondTheHeader) {
  EXPECT_THAT(Refusal("period,value\n2024,1,5\n", OneSeries()),
              HasSubstr(":2: the row has 3 cells, the header 2; quote cells"));
}

TEST_F(CsvTablesTest, LeavesOutTotalsAndFootnotesByOption) {
  const char* const table =
      "country,period,value\nLOW,2024,1\nTotal,,1\n\"Source: made, up\"\n";
  const CsvOptions options = {{"metric", "m"}, {"unit", "USD"}};
  EXPECT_THAT(Refusal(table, options), HasSubstr("ignore_rows"));
  CsvOptions with = options;
  with["ignore_rows"] = "Total,Source:*";
  EXPECT_THAT(Values(table, with), ElementsAre("m{country=LOW} 2024 = 1"));
}

TEST_F(CsvTablesTest, TakesAWordAmongThePeriodsForATotal) {
  EXPECT_THAT(Refusal("period,value\n2024,1\nTotal,1\n", OneSeries()),
              HasSubstr("ignore_rows"));
}

TEST_F(CsvTablesTest, NamesAColumnInAnotherCase) {
  EXPECT_THAT(Refusal("PERIOD,VALUE\n2024,1\n", OneSeries()),
              HasSubstr("did you mean \"PERIOD\"?"));
}

TEST_F(CsvTablesTest, TakesTheSeparatorOfASpreadsheetsFirstLine) {
  EXPECT_THAT(Values("sep=;\nperiod;value\n2024;1\n", OneSeries()),
              ElementsAre("m{} 2024 = 1"));
}

TEST_F(CsvTablesTest, NamesTheSeparatorThatATableSeemsToUse) {
  EXPECT_THAT(Refusal("period;value\n2024;1\n", OneSeries()),
              HasSubstr("set separator = ;"));
  EXPECT_THAT(Refusal("period\tvalue\n2024\t1\n", OneSeries()),
              HasSubstr("set separator = tab"));
}

TEST_F(CsvTablesTest, LoadsATableWithColumnsOfOneNameThatNothingUses) {
  EXPECT_THAT(Values("period,x,x,value\n2024,a,b,1\n", OneSeries()),
              ElementsAre("m{} 2024 = 1"));
  EXPECT_THAT(Refusal("period,value,value\n2024,1,2\n", OneSeries()),
              HasSubstr("names column \"value\" twice"));
}

TEST_F(CsvTablesTest, CountsRowsThatSayTheSameOnceAndWarns) {
  const Conversation said =
      ReadCsv("period,value\n2024,1\n2024,1\n", OneSeries());
  EXPECT_THAT(said.Values(), ElementsAre("m{} 2024 = 1"));
  EXPECT_THAT(said.log(), HasSubstr("1 value is given twice alike"));
}

TEST_F(CsvTablesTest, RefusesATableWithoutRows) {
  EXPECT_THAT(Refusal("period,value\n", OneSeries()),
              HasSubstr(":1: the table has a header and no rows"));
}

TEST_F(CsvTablesTest, NamesWhatIsNoTable) {
  EXPECT_THAT(Refusal("<html><title>Log in</title></html>\n", OneSeries()),
              HasSubstr("a web page (HTML) with the title \"Log in\""));
  EXPECT_THAT(Refusal("\x1F\x8B\x08\xFF", OneSeries()), HasSubstr("gzip"));
}

TEST_F(CsvTablesTest, ReadsOtherEncodings) {
  const CsvOptions options = {{"metric", "m"}, {"unit", "USD"}};
  CsvOptions latin = options;
  latin["encoding"] = "latin-1";
  EXPECT_THAT(Values("country,period,value\nCura\xE7"
                     "ao,2024,1\n",
                     latin),
              ElementsAre("m{country=Cura\u00E7ao} 2024 = 1"));
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("country,period,value\nLOW,2024,1\n")) {
    utf16 += c;
    utf16 += '\0';
  }
  EXPECT_THAT(Values(utf16, options), ElementsAre("m{country=LOW} 2024 = 1"));
}

// ---- periods ----

TEST_F(CsvTablesTest, ReadsPeriodsByTheirFormat) {
  const auto read = [&](const char* period, const char* format,
                        const char* frequency) {
    return Values(absl::StrCat("period;value\n", period, ";1\n"),
                  OneSeries({{"separator", ";"},
                             {"period_format", format},
                             {"frequency", frequency}}));
  };
  EXPECT_THAT(read("202403", "%Y%m", ""), ElementsAre("m{} 2024-03 = 1"));
  EXPECT_THAT(read("20240305", "%Y%m%d", "daily"),
              ElementsAre("m{} 2024-03-05 = 1"));
  EXPECT_THAT(read("2024-065", "%Y-%j", "daily"),
              ElementsAre("m{} 2024-03-05 = 1"));
  EXPECT_THAT(read("2020-W53", "%G-W%V", ""), ElementsAre("m{} 2020-W53 = 1"));
  EXPECT_THAT(read("FY2024", "FY%Y", ""), ElementsAre("m{} 2024 = 1"));
  EXPECT_THAT(
      read("2024-03-01T00:00:00+08:00", "%Y-%m-%dT%H:%M:%S%Ez", "monthly"),
      ElementsAre("m{} 2024-03 = 1"));
}

TEST_F(CsvTablesTest, RefusesFormatsThatDoNotTellThePeriod) {
  const auto refusal = [&](const char* format, const char* frequency) {
    return Refusal(
        "period,value\n2024-01-01,1\n",
        OneSeries({{"period_format", format}, {"frequency", frequency}}));
  };
  EXPECT_THAT(refusal("%b", "monthly"), HasSubstr("tells no year; add %Y"));
  EXPECT_THAT(refusal("%Y-%m-%d", ""), HasSubstr("set the option frequency"));
  EXPECT_THAT(refusal("%Y", "monthly"),
              HasSubstr("is annual, but the series is monthly"));
}

TEST_F(CsvTablesTest, RefusesADateForAMonthAndNamesTheOption) {
  EXPECT_THAT(Refusal("period,value\n2024-01-01,1\n",
                      OneSeries({{"frequency", "monthly"}})),
              HasSubstr("set period_format to its form"));
}

TEST_F(CsvTablesTest, ReadsAYearAndAMonthFromTwoColumns) {
  EXPECT_THAT(Values("date,month,year,value\n2024-02-01,1,2024,5\n",
                     OneSeries({{"period_column", "year,month"},
                                {"period_format", "%Y,%m"}})),
              ElementsAre("m{} 2024-01 = 5"));
  EXPECT_THAT(Refusal("month,year,value\n1,2024,5\n",
                      OneSeries({{"period_column", "year,month"}})),
              HasSubstr("say what they hold by period_format"));
}

TEST_F(CsvTablesTest, ReadsAMatrixOfYearsAndMonths) {
  const char* const table = "Year,Jan,Feb,Total\n2023,1,2,3\n2024,4,,4\n";
  EXPECT_THAT(
      Values(table, OneSeries({{"period_columns", "true"},
                               {"period_column", "Year"},
                               {"period_format", "%Y,%b"}})),
      ElementsAre("m{} 2023-01 = 1", "m{} 2023-02 = 2", "m{} 2024-01 = 4"));
  EXPECT_THAT(Refusal(table, {{"metric", "m"},
                              {"unit", "USD"},
                              {"period_columns", "true"},
                              {"period_column", "Year"},
                              {"period_format", "%Y,%b"}}),
              HasSubstr("the columns Total hold no part of the period"));
}

TEST_F(CsvTablesTest, ReadsAMatrixWithTheYearsInColumns) {
  EXPECT_THAT(Values("Quarter,2023,2024\nQ1,1,3\nQ2,2,4\n",
                     OneSeries({{"period_columns", "true"},
                                {"period_column", "Quarter"},
                                {"period_format", "Q%q,%Y"}})),
              ElementsAre("m{} 2023-Q1 = 1", "m{} 2023-Q2 = 2",
                          "m{} 2024-Q1 = 3", "m{} 2024-Q2 = 4"));
}

TEST_F(CsvTablesTest, ReadsNamesOfColumnsByThePeriodFormat) {
  EXPECT_THAT(
      Values("country,Jan-24,Feb-24\nLOW,1,2\n", {{"metric", "m"},
                                                  {"unit", "USD"},
                                                  {"period_columns", "true"},
                                                  {"period_format", "%b-%y"}}),
      ElementsAre("m{country=LOW} 2024-01 = 1", "m{country=LOW} 2024-02 = 2"));
}

TEST_F(CsvTablesTest, ReadsAVintagePerColumn) {
  EXPECT_THAT(
      Values("date,GDP_20240130,GDP_20240229\n2023-10-01,1,2\n2024-01-01,.,3\n",
             OneSeries({{"period_column", "date"},
                        {"period_format", "%Y-%m-%d"},
                        {"frequency", "quarterly"},
                        {"vintage_columns", "GDP_%Y%m%d"}})),
      ElementsAre("m{} 2023-Q4@2024-01-30T23:59:59.999999Z = 1",
                  "m{} 2023-Q4@2024-02-29T23:59:59.999999Z = 2",
                  "m{} 2024-Q1@2024-02-29T23:59:59.999999Z = 3"));
}

TEST_F(CsvTablesTest, ReadsHalfYears) {
  EXPECT_THAT(
      Values("period,value\n2024-S1,1\n2024-H2,2\n2025H1,3\n", OneSeries()),
      ElementsAre("m{} 2024-S1 = 1", "m{} 2024-S2 = 2", "m{} 2025-S1 = 3"));
}

TEST_F(CsvTablesTest, TellsHalfYearsByAFormat) {
  EXPECT_THAT(Values("period,value\n2. Halbjahr 2024,1\n",
                     OneSeries({{"period_format", "%s. Halbjahr %Y"}})),
              ElementsAre("m{} 2024-S2 = 1"));
}

TEST_F(CsvTablesTest, ReadsAnInstantAsPandasWritesIt) {
  EXPECT_THAT(
      Values("period,value,known_at\n2024,1,2025-03-05 13:30:00+00:00\n",
             OneSeries()),
      ElementsAre("m{} 2024@2025-03-05T13:30:00Z = 1"));
}

TEST_F(CsvTablesTest, WhatIsKnownSinceADateIsKnownSinceTheEndOfThatDay) {
  EXPECT_THAT(Values("period,value,known_at\n2024,1,2025-03-05\n", OneSeries()),
              ElementsAre("m{} 2024@2025-03-05T23:59:59.999999Z = 1"));
}

TEST_F(CsvTablesTest, RefusesAVintageColumnOfTheFuture) {
  EXPECT_THAT(Refusal("period,GDP_20990101\n2024,1\n",
                      OneSeries({{"vintage_columns", "GDP_%Y%m%d"}})),
              HasSubstr("lies in the future"));
}

// ---- labels ----

TEST_F(CsvTablesTest, TakesNoColumnOfFlagsForALabel) {
  for (const char* name : {"OBS_FLAG", "OBS_STATUS", "Flag", "Flag Codes",
                           "Status", "notes", "Footnote"}) {
    const Conversation said =
        ReadCsv(absl::StrCat("country,period,value,", name,
                             "\nLOW,2023,1,\nLOW,2024,2,p\n"),
                {{"metric", "m"}, {"unit", "USD"}});
    EXPECT_THAT(said.Values(), ElementsAre("m{country=LOW} 2023 = 1",
                                           "m{country=LOW} 2024 = 2 "
                                           "provisional"))
        << name << said.error().message();
    EXPECT_THAT(said.log(), HasSubstr("holds flags or notes"));
  }
}

TEST_F(CsvTablesTest, TakesAStatusThatIsNoFlagForALabel) {
  EXPECT_THAT(
      Values("status,period,value\nplanned,2024,1\nbuilt,2024,2\n",
             {{"metric", "m"}, {"unit", "USD"}}),
      ElementsAre("m{status=built} 2024 = 2", "m{status=planned} 2024 = 1"));
}

TEST_F(CsvTablesTest, TakesAColumnOfFlagsForALabelWhenTold) {
  EXPECT_THAT(
      Values("OBS_FLAG,period,value\np,2024,1\n",
             {{"metric", "m"}, {"unit", "USD"}, {"labels", "OBS_FLAG"}}),
      ElementsAre("m{OBS_FLAG=p} 2024 = 1"));
}

TEST_F(CsvTablesTest, ReadsLabelsThatDifferInUnseenCharactersAsOne) {
  EXPECT_THAT(
      Values("country,period,value\nSouth Korea,2022,1\n"
             "South\u00A0Korea,2023,2\n\"South\nKorea\u200B \",2024,3\n",
             {{"metric", "m"}, {"unit", "USD"}}),
      ElementsAre("m{country=South Korea} 2022 = 1",
                  "m{country=South Korea} 2023 = 2",
                  "m{country=South Korea} 2024 = 3"));
}

TEST_F(CsvTablesTest, KeepsTheUnitOfTheOptionAgainstAColumnOfThatName) {
  const Conversation said = ReadCsv("period,value,unit\n2024,1,Mio EUR\n",
                                    {{"metric", "m"}, {"unit", "EUR"}});
  EXPECT_EQ(said.series().at(0).unit(), "EUR") << said.error().message();
  EXPECT_THAT(said.log(), HasSubstr("has the unit Mio EUR, which the option"));
}

// ---- numbers ----

TEST_F(CsvTablesTest, ReadsNumbersOfOtherStylesWhenTold) {
  const auto read = [&](const char* number, CsvOptions more) {
    more["separator"] = ";";
    return Values(absl::StrCat("period;value\n2024;", number, "\n"),
                  OneSeries(more));
  };
  EXPECT_THAT(read("1.234,5", {{"decimal", ","}, {"thousands", "."}}),
              ElementsAre("m{} 2024 = 1234.5"));
  EXPECT_THAT(
      read("(1,234)", {{"thousands", ","}, {"parentheses", "negative"}}),
      ElementsAre("m{} 2024 = -1234"));
  EXPECT_THAT(read("1\u202F234", {{"thousands", "space"}}),
              ElementsAre("m{} 2024 = 1234"));
  EXPECT_THAT(read("12.5 p", {{"marks", "p,e"}}),
              ElementsAre("m{} 2024 = 12.5"));
  EXPECT_THAT(read("\u221212.5", {}), ElementsAre("m{} 2024 = -12.5"));
}

TEST_F(CsvTablesTest, RefusesNumbersThatCouldMeanTwoThings) {
  const auto refusal = [&](const char* number) {
    return Refusal(absl::StrCat("period;value\n2024;", number, "\n"),
                   OneSeries({{"separator", ";"}}));
  };
  EXPECT_THAT(refusal("1,234"), HasSubstr("set thousands = , if"));
  EXPECT_THAT(refusal("(5)"), HasSubstr("set parentheses = negative"));
  EXPECT_THAT(refusal("12.5 p"), HasSubstr("list it in the option marks"));
  EXPECT_THAT(refusal("3 bn"), HasSubstr("set scale"));
  EXPECT_THAT(refusal("0x10"), HasSubstr("hexadecimal"));
  EXPECT_THAT(refusal("-"), HasSubstr("list it in the option missing"));
}

TEST_F(CsvTablesTest, SkipsTheUsualMarksOfMissingValues) {
  const Conversation said = ReadCsv(
      "period,value\n2018,NaN\n2019,NA\n2020,..\n2021,:\n2022,null\n"
      "2023,#N/A\n2024,5\n",
      OneSeries());
  EXPECT_THAT(said.Values(), ElementsAre("m{} 2024 = 5"));
  EXPECT_THAT(said.log(), HasSubstr("6 empty values skipped"));
}

TEST_F(CsvTablesTest, TakesATextWithACommaForAMissingValue) {
  EXPECT_THAT(Values("period,value\n2023,\"n.a., see note\"\n2024,1\n",
                     OneSeries({{"missing", "n.a., see note"}})),
              ElementsAre("m{} 2024 = 1"));
}

TEST_F(CsvTablesTest, WarnsOfValuesInTwoScales) {
  EXPECT_THAT(ReadCsv("period,value\n2023,5.1\n2024,5200\n", OneSeries()).log(),
              HasSubstr("values of two scales"));
  EXPECT_THAT(ReadCsv("period,value\n2023,5\n2024,100\n", OneSeries()).log(),
              Not(HasSubstr("scales")));
}

}  // namespace
}  // namespace headway
