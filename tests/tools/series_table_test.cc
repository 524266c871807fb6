#include "tools/headway/series_table.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNan;

std::string ErrorOf(absl::string_view text) {
  return std::string(ParseSeriesTable(text, "m.csv").status().message());
}

TEST(SeriesTableTest, ReadsRowsWithoutAHeader) {
  const auto rows = ParseSeriesTable("Y1,1,2.5,-3e2\nY2,4\n", "m.csv");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2);
  EXPECT_EQ((*rows)[0].id, "Y1");
  EXPECT_THAT((*rows)[0].values, ElementsAre(1, 2.5, -300));
  EXPECT_EQ((*rows)[1].line, 2);
}

TEST(SeriesTableTest, SkipsAHeaderOfWordsOrThatBeginsWithId) {
  for (const char* header : {"V1,V2,V3\n", "id,1,2\n", "\"id\",\"V2\"\n"}) {
    const auto rows =
        ParseSeriesTable(std::string(header) + "Y1,1,2\n", "m.csv");
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->size(), 1) << header;
    EXPECT_EQ((*rows)[0].line, 2);
  }
}

TEST(SeriesTableTest, KeepsGapsAndDropsMissingValuesAtTheEnd) {
  const auto rows = ParseSeriesTable("Y1,NA,1,,2,NA,,\n", "m.csv");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT((*rows)[0].values, ElementsAre(IsNan(), 1, IsNan(), 2));
}

TEST(SeriesTableTest, ReadsQuotedCellsAndCarriageReturns) {
  const auto rows =
      ParseSeriesTable("\"a,\"\"b\"\"\",\"1\",2\r\n\r\nc,3\r\n", "m.csv");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)[0].id, "a,\"b\"");
  EXPECT_THAT((*rows)[0].values, ElementsAre(1, 2));
  EXPECT_EQ((*rows)[1].line, 3);
}

TEST(SeriesTableTest, NamesLineAndColumnOfWhatIsNoNumber) {
  EXPECT_EQ(ErrorOf("Y1,1\nY2,1,2x\n"),
            "m.csv:2:6: \"2x\" is not a finite number; leave the cell empty or "
            "write NA for a missing value");
  EXPECT_THAT(ErrorOf("Y1,1,inf\n"), ::testing::StartsWith("m.csv:1:6: "));
}

TEST(SeriesTableTest, RefusesTheSameIdTwice) {
  EXPECT_EQ(ErrorOf("Y1,1\nY1,2\n"),
            "m.csv:2:1: the id \"Y1\" is that of line 1 already");
}

TEST(SeriesTableTest, RefusesAnOpenQuoteARowWithoutIdAndAnEmptyFile) {
  EXPECT_EQ(ErrorOf("Y1,\"1\n"),
            "m.csv:1:4: this quote is not closed on its line");
  EXPECT_EQ(ErrorOf("Y1,1\n,2\n"), "m.csv:2:1: the row has no id");
  EXPECT_EQ(ErrorOf("id,V1\n"),
            "m.csv: no series; write a row id,value,value,… each");
}

TEST(SeriesTableTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(std::string(ReadSeriesTable("/nowhere/m.csv").status().message()),
              ::testing::HasSubstr("/nowhere/m.csv"));
}

}  // namespace
}  // namespace headway::cli
