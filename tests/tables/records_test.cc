#include "daemon/tables/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headway::tables {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::vector<std::string>> ReadAll(
    absl::string_view text, RecordReader::Options options = {}) {
  RecordReader reader(text, std::move(options));
  std::vector<std::vector<std::string>> records;
  while (*reader.Next()) {
    records.emplace_back(reader.cells().begin(), reader.cells().end());
  }
  return records;
}

TEST(RecordsTest, PassesOverLinesOfSpacesAndComments) {
  EXPECT_THAT(ReadAll("a,b\n   \n\t\n # c, d\n1,2\n  ", {.comment = "#"}),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(RecordsTest, TakesTheSeparatorOfTheFirstLine) {
  EXPECT_THAT(ReadAll("\xEF\xBB\xBFSEP=;\r\na;b\n"),
              ElementsAre(ElementsAre("a", "b")));
}

TEST(RecordsTest, SaysWhereCellsBegin) {
  RecordReader reader("\n\"x\ny\",2,3\n");
  ASSERT_TRUE(*reader.Next());
  EXPECT_EQ(reader.line(), 2);
  EXPECT_EQ(reader.column_of(0), 1);
  EXPECT_EQ(reader.column_of(2), 6);
}

TEST(RecordsTest, GoesOnAtTheLineAfterABrokenRecord) {
  RecordReader reader("\"a\n1,2\n");
  const auto broken = reader.Next();
  EXPECT_THAT(broken.status().message(), HasSubstr("is not closed"));
  EXPECT_EQ(reader.problem_line(), 1);
  EXPECT_EQ(reader.problem_column(), 1);
  reader.SkipLine();
  ASSERT_TRUE(*reader.Next());
  EXPECT_EQ(reader.line(), 2);
  EXPECT_THAT(reader.cells(), ElementsAre("1", "2"));
}

TEST(RecordsTest, SkipsLinesAsTheyStand) {
  RecordReader reader("\"open\nx\na,b\n");
  reader.SkipLines(2);
  ASSERT_TRUE(*reader.Next());
  EXPECT_EQ(reader.line(), 3);
  EXPECT_THAT(reader.cells(), ElementsAre("a", "b"));
}

TEST(RecordsTest, GuessesAnotherSeparatorFromALine) {
  EXPECT_EQ(OtherSeparator("a;b;c", ','), ';');
  EXPECT_EQ(OtherSeparator("a\tb", ','), '\t');
  EXPECT_EQ(OtherSeparator("abc", ','), '\0');
}

TEST(RecordsTest, ListsTextsAndTheWholeOfThem) {
  EXPECT_THAT(ListedTexts("., n/a"), ElementsAre(".", "n/a", "., n/a"));
  EXPECT_THAT(ListedTexts("\"a, b\", c"),
              ElementsAre("a, b", "c", "\"a, b\", c"));
  EXPECT_THAT(ListedTexts("x"), ElementsAre("x"));
  EXPECT_THAT(ListedTexts(""), ElementsAre());
}

}  // namespace
}  // namespace headway::tables
