#include "tools/headway/input/series_table.h"

#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace headway::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNan;

// The message of the one row that is bad, or of the whole.
std::string ErrorOf(absl::string_view text) {
  const auto table = ParseSeriesTable(text, "m.csv");
  if (!table.ok()) return std::string(table.status().message());
  EXPECT_EQ(table->bad_rows.size(), 1);
  return std::string(table->bad_rows.at(0).message());
}

TEST(SeriesTableTest, ReadsRowsWithoutAHeader) {
  const auto rows = ParseSeriesTable("Y1,1,2.5,-3e2\nY2,4\n", "m.csv");
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->rows.size(), 2);
  EXPECT_EQ(rows->rows[0].id, "Y1");
  EXPECT_THAT(rows->rows[0].values, ElementsAre(1, 2.5, -300));
  EXPECT_EQ(rows->rows[1].line, 2);
}

TEST(SeriesTableTest, SkipsAHeaderOfWordsOrWithTheNameOfAnIdColumn) {
  for (const char* header : {"V1,V2,V3\n", "id,1,2\n", "\"id\",\"V2\"\n",
                             ",0,1\n", "Series,2001,2002\n"}) {
    const auto rows =
        ParseSeriesTable(std::string(header) + "Y1,1,2\n", "m.csv");
    ASSERT_THAT(rows, IsOk());
    ASSERT_EQ(rows->rows.size(), 1) << header;
    EXPECT_EQ(rows->rows[0].line, 2);
  }
}

TEST(SeriesTableTest, KeepsGapsAndDropsMissingValuesAtTheEnd) {
  const auto rows = ParseSeriesTable("Y1,NA,1,,2,NA,,\n", "m.csv");
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT(rows->rows[0].values, ElementsAre(IsNan(), 1, IsNan(), 2));
}

TEST(SeriesTableTest, ReadsQuotedCellsAndCarriageReturns) {
  const auto rows =
      ParseSeriesTable("\"a,\"\"b\"\"\",\"1\",2\r\n\r\nc,3\r\n", "m.csv");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->rows[0].id, "a,\"b\"");
  EXPECT_THAT(rows->rows[0].values, ElementsAre(1, 2));
  EXPECT_EQ(rows->rows[1].line, 3);
}

TEST(SeriesTableTest, NamesLineAndColumnOfWhatIsNoNumber) {
  EXPECT_EQ(ErrorOf("Y1,1\nY2,1,2x\n"),
            "m.csv:2:6: \"2x\" is not a finite number; leave the cell empty or "
            "write NA for a missing value");
  EXPECT_THAT(ErrorOf("Y1,1,inf\n"), ::testing::StartsWith("m.csv:1:6: "));
  EXPECT_THAT(ErrorOf("Y1,1,1e999\n"),
              ::testing::StartsWith("m.csv:1:6: \"1e999\""));
}

TEST(SeriesTableTest, GoesOnAfterABadRow) {
  const auto table =
      ParseSeriesTable("Y1,1,2\nY2,1,x\nY3,\"4\n,5\nY4,3,4\n", "m.csv");
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->rows.size(), 2);
  EXPECT_EQ(table->rows[1].id, "Y4");
  EXPECT_EQ(table->rows[1].line, 5);
  EXPECT_EQ(table->bad_rows.size(), 3);
}

TEST(SeriesTableTest, MessagesStayOnOneLineWhateverTheCellHolds) {
  EXPECT_THAT(ErrorOf(std::string("Y1,1,y\0z\x1b\n", 10)),
              ::testing::StartsWith("m.csv:1:6: \"y\\x00z\\x1b\" is not"));
  const std::string message = ErrorOf("Y1,1," + std::string(5000, 'x') + "\n");
  EXPECT_LT(message.size(), 200u);
  EXPECT_THAT(message, ::testing::HasSubstr("leave the cell empty"));
}

TEST(SeriesTableTest, RefusesAnIdThatIsNotUtf8) {
  EXPECT_EQ(ErrorOf("Y1,1\n\xe9t\xe9,2\n"),
            "m.csv:2:1: the id \"\\xe9t\\xe9\" is not UTF-8; save the file in "
            "that encoding");
}

TEST(SeriesTableTest, ARowWithoutCommasIsAskedForThem) {
  EXPECT_EQ(ErrorOf("Y1,1\nY2;1;2\n"),
            "m.csv:2:1: \"Y2;1;2\" is a row without values; write "
            "id,value,value,… with commas between");
}

TEST(SeriesTableTest, SkipsAByteOrderMark) {
  const auto table = ParseSeriesTable("\xEF\xBB\xBFid,V1\nY1,2\n", "m.csv");
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->rows.size(), 1);
  EXPECT_EQ(table->rows[0].id, "Y1");
}

// Any bytes at all: rows whose ids differ and whose values are finite or
// missing, or an error that names the place.
TEST(SeriesTableTest, ReadsAnyBytesOrSaysWhatIsWrong) {
  const std::vector<std::string> pieces = {
      "id",   ",",  "\n",     "\r\n",         "\"",
      "\"\"", "1",  "-2.5e3", "1e999",        "NA",
      "A",    " ",  "\t",     "nan",          "inf",
      "\xff", ",,", "B7",     "\xEF\xBB\xBF", std::string(1, '\0')};
  std::mt19937 random(20261123);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int length = random() % 40; length > 0; --length) {
      text += pieces[random() % pieces.size()];
    }
    const auto table = ParseSeriesTable(text, "m.csv");
    SCOPED_TRACE(testing::Message() << "round " << round << ": " << text);
    if (!table.ok()) {
      ASSERT_THAT(std::string(table.status().message()),
                  ::testing::StartsWith("m.csv:"));
      continue;
    }
    std::set<std::string> ids;
    for (const SeriesRow& row : table->rows) {
      ASSERT_FALSE(row.id.empty());
      ASSERT_TRUE(ids.insert(row.id).second);
      for (double value : row.values) ASSERT_FALSE(std::isinf(value));
      ASSERT_TRUE(row.values.empty() || !std::isnan(row.values.back()));
    }
    for (const absl::Status& bad_row : table->bad_rows) {
      ASSERT_THAT(std::string(bad_row.message()),
                  ::testing::MatchesRegex("m.csv:[0-9]+:[0-9]+: .*"));
    }
  }
}

TEST(SeriesTableTest, SkipsAHeaderOfYearsBesideCountries) {
  const auto table =
      ParseSeriesTable("country,2019,2020,2021\nLOW,5,6,7\n", "m.csv");
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->rows.size(), 1);
  EXPECT_EQ(table->rows[0].id, "LOW");
}

TEST(SeriesTableTest, AsksWhetherYearsBesideAnUnknownNameAreAHeader) {
  const char* const text = "wool,2019,2020,2021\nLOW,5,6,7\n";
  EXPECT_THAT(ErrorOf(text), ::testing::HasSubstr("say --header yes or"));
  EXPECT_EQ(ParseSeriesTable(text, "m.csv", {.header = HeaderChoice::kYes})
                ->rows.size(),
            1);
  EXPECT_EQ(ParseSeriesTable(text, "m.csv", {.header = HeaderChoice::kNo})
                ->rows.size(),
            2);
}

TEST(SeriesTableTest, TakesValuesThatLookLikeScatteredYearsForValues) {
  EXPECT_EQ(ParseSeriesTable("wool,2019,2350,2021\n", "m.csv")->rows.size(), 1);
}

TEST(SeriesTableTest, RefusesAHeaderWhosePeriodsDoNotFollowOneAnother) {
  EXPECT_THAT(ErrorOf("country,2019,2021\nLOW,5,6\n"),
              ::testing::HasSubstr("do not follow one another (2019, 2021)"));
  EXPECT_THAT(ErrorOf("id,2024-02,2024-01\nLOW,5,6\n"),
              ::testing::HasSubstr("the oldest first"));
}

TEST(SeriesTableTest, RefusesSeveralColumnsBeforeThePeriods) {
  EXPECT_THAT(ErrorOf("Country Name,Country Code,2019,2020,\nLow,LOW,5,6,\n"),
              ::testing::HasSubstr("2 columns stand before the first period "
                                   "(Country Name, Country Code)"));
}

TEST(SeriesTableTest, KeepsAFirstRowThatBeginsWithAMissingValue) {
  const auto table = ParseSeriesTable("A,n/a,5,6\nB,1,2,3\n", "m.csv");
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->rows.size(), 2);
  EXPECT_THAT(table->rows[0].values, ElementsAre(IsNan(), 5, 6));
  EXPECT_THAT(ErrorOf("A,?,5,6\nB,1,2,3\n"),
              ::testing::StartsWith("m.csv:1:3: \"?\""));
}

TEST(SeriesTableTest, ReadsTheLongLayoutByWholeNumbers) {
  const auto table = ParseSeriesTable(
      "unique_id,ds,y\nA,2,6\nA,1,5\nA,4,8\nB,1,1\nB,2,NA\n", "m.csv");
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->rows.size(), 2);
  EXPECT_THAT(table->rows[0].values, ElementsAre(5, 6, IsNan(), 8));
  EXPECT_THAT(table->rows[1].values, ElementsAre(1));
  EXPECT_EQ(table->rows[1].line, 5);
}

TEST(SeriesTableTest, ReadsTheLongLayoutByDatesOfMonths) {
  for (const char* days :
       {"2024-01-31,2024-02-29,2024-04-30", "2024-01-01,2024-02-01,2024-04-01",
        "2024-01,2024-02,2024-04"}) {
    const std::vector<std::string> day = absl::StrSplit(days, ',');
    const auto table =
        ParseSeriesTable(absl::StrCat("unique_id,ds,y\nA,", day[0], ",5\nA,",
                                      day[1], ",6\nA,", day[2], ",8\n"),
                         "m.csv");
    ASSERT_THAT(table, IsOk());
    EXPECT_THAT(table->rows.at(0).values, ElementsAre(5, 6, IsNan(), 8))
        << days;
  }
}

TEST(SeriesTableTest, ReadsTheLongLayoutByDatesOfHalfYears) {
  for (const char* days :
       {"2024-06-30,2024-12-31,2025-12-31", "2024-01-01,2024-07-01,2025-07-01",
        "2024-S1,2024H2,2025-H2"}) {
    const std::vector<std::string> day = absl::StrSplit(days, ',');
    const auto table =
        ParseSeriesTable(absl::StrCat("unique_id,ds,y\nA,", day[0], ",5\nA,",
                                      day[1], ",6\nA,", day[2], ",8\n"),
                         "m.csv");
    ASSERT_THAT(table, IsOk());
    EXPECT_THAT(table->rows.at(0).values, ElementsAre(5, 6, IsNan(), 8))
        << days;
  }
}

TEST(SeriesTableTest, ReadsOtherNamesOfTheLongLayout) {
  EXPECT_EQ(
      ParseSeriesTable("country,year,value\nLOW,2019,1\nLOW,2020,2\n", "m.csv")
          ->rows.at(0)
          .id,
      "LOW");
  EXPECT_EQ(ParseSeriesTable("ds,y\n2024-01,1\n2024-02,2\n", "m.csv")
                ->rows.at(0)
                .values.size(),
            2);
}

TEST(SeriesTableTest, RefusesALongLayoutThatItWouldReadWrongly) {
  EXPECT_THAT(ErrorOf("unique_id,ds,y,price\nA,1,5,2\n"),
              ::testing::HasSubstr("with columns besides"));
  EXPECT_THAT(ErrorOf("unique_id,ds,y\nA,1,5\nA,1,6\n"),
              ::testing::HasSubstr("lines 2 and 3 have the same step"));
  EXPECT_THAT(ErrorOf("unique_id,ds,y\nA,1,5\nA,2024-01,6\n"),
              ::testing::HasSubstr("is of another kind"));
  EXPECT_THAT(ErrorOf("unique_id,ds,y\nA,1,5\nA,99999,6\n"),
              ::testing::HasSubstr("number the steps without gaps"));
}

TEST(SeriesTableTest, LeavesOutALongSeriesOfWhichARowCannotBeRead) {
  const auto table = ParseSeriesTable(
      "unique_id,ds,y\nA,1,5\nB,1,5\nA,2,x\nA,3,7\nB,2,6\n", "m.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->rows.size(), 1u);
  EXPECT_EQ(table->rows[0].id, "B");
  EXPECT_EQ(table->bad_rows.size(), 1u);
}

TEST(SeriesTableTest, QuotesAStepOnce) {
  EXPECT_THAT(ErrorOf("unique_id,ds,y\nA,2024-01,5\nA,2024-Q2,6\n"),
              ::testing::HasSubstr("the step \"2024-Q2\" is of"));
}

TEST(SeriesTableTest, TakesNumbersInADressForNoHeader) {
  for (const char* row :
       {"A,$1,$2", "A,1%,2%", "A,\"1,000\",\"2,000\"", "A,(1),(2)"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat(row, "\nB,1,2\n")),
                ::testing::HasSubstr("m.csv:1:3"))
        << row;
  }
}

TEST(SeriesTableTest, TakesNamesThatHoldDigitsForAHeader) {
  for (const char* row : {"x,v1,v2", "x,2020/21,2021/22", "x,1-2,2-3"}) {
    const auto table =
        ParseSeriesTable(absl::StrCat(row, "\nB,1,2\n"), "m.csv");
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->rows.size(), 1u) << row;
  }
}

TEST(SeriesTableTest, RefusesATableWithARowAPeriod) {
  EXPECT_THAT(ErrorOf("date,A,B\n2024-01,1,2\n"),
              ::testing::HasSubstr("a row a period and a column a series"));
  EXPECT_THAT(ErrorOf("2024-01,1\n2024-02,2\n2024-03,3\n"),
              ::testing::HasSubstr("a row is a period here"));
}

TEST(SeriesTableTest, NamesAnotherSeparatorOnceAndReadsItWhenTold) {
  const char* const text = "id;v1;v2\nA;1,5;2,5\n";
  EXPECT_THAT(ErrorOf(text), ::testing::HasSubstr("say --separator ';'"));
  EXPECT_THAT(ErrorOf("A;1,5;2,5\nB;1,5;2,5\n"),
              ::testing::HasSubstr("say --separator ';'"));
  EXPECT_THAT(ParseSeriesTable(text, "m.csv",
                               {.separator = ';', .numbers = {.decimal = ','}})
                  ->rows.at(0)
                  .values,
              ElementsAre(1.5, 2.5));
  EXPECT_THAT(ParseSeriesTable("sep=;\nA;1;2\n", "m.csv")->rows.at(0).values,
              ElementsAre(1, 2));
}

TEST(SeriesTableTest, TakesACarriageReturnAloneForTheEndOfALine) {
  EXPECT_EQ(ParseSeriesTable("A,1,2\rB,3,4\r", "m.csv")->rows.size(), 2);
}

TEST(SeriesTableTest, NamesAWorkbookOrAPageOnce) {
  EXPECT_THAT(ErrorOf("PK\x03\x04"), ::testing::HasSubstr("Excel workbook"));
  EXPECT_THAT(ErrorOf("<html>\n<p>\n"), ::testing::HasSubstr("a web page"));
}

TEST(SeriesTableTest, RefusesTheSameIdTwice) {
  EXPECT_EQ(
      ErrorOf("Y1,1\nY1,2\n"),
      "m.csv:2:1: the id \"Y1\" is that of line 1 already; give every series "
      "its own");
}

TEST(SeriesTableTest, RefusesAnOpenQuoteARowWithoutIdAndAnEmptyFile) {
  EXPECT_EQ(
      ErrorOf("Y1,\"1\n"),
      "m.csv:1:4: a quoted cell is not closed; close it, or double a quote "
      "within it");
  EXPECT_EQ(ErrorOf("Y1,1\n,2\n"),
            "m.csv:2:1: the row has no id; write one before the first comma");
  EXPECT_EQ(ErrorOf("id,V1\n"),
            "m.csv: no series; write a row id,value,value,… each");
}

TEST(SeriesTableTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(std::string(ReadSeriesTable("/nowhere/m.csv").status().message()),
              ::testing::HasSubstr("/nowhere/m.csv"));
}

}  // namespace
}  // namespace headway::cli
