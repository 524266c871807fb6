#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "plugins/sdk/cpp/csv.h"
#include "tests/support/status_matchers.h"

namespace headway::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> ReadAll(absl::string_view text,
                                const CsvReader::Options& options = {}) {
  CsvReader reader(text, "t.csv", options);
  Records records;
  while (true) {
    auto more = reader.Next();
    if (!more.ok()) return more.status();
    if (!*more) return records;
    records.emplace_back(reader.cells().begin(), reader.cells().end());
  }
}

TEST(CsvReaderTest, ReadsQuotedCellsThatHoldSeparatorsQuotesAndLineBreaks) {
  auto records = ReadAll("a,\"b,\"\"c\"\"\nd\",\"\"\nx,y,z\n");
  ASSERT_THAT(records, IsOk());
  EXPECT_THAT(*records, ElementsAre(ElementsAre("a", "b,\"c\"\nd", ""),
                                    ElementsAre("x", "y", "z")));
}

TEST(CsvReaderTest, TakesAnyLineEndAndAByteOrderMark) {
  auto records = ReadAll(
      "\xEF\xBB\xBF"
      "a,b\r\nc,d\re,f\ng,");
  ASSERT_THAT(records, IsOk());
  EXPECT_THAT(*records,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d"),
                          ElementsAre("e", "f"), ElementsAre("g", "")));
}

TEST(CsvReaderTest, PassesOverBlankLinesAndKeepsCountingThem) {
  CsvReader reader("\n\na\n\n\"b\nb\"\nc\n", "t.csv");
  std::vector<int64_t> lines;
  while (*reader.Next()) lines.push_back(reader.line());
  EXPECT_THAT(lines, ElementsAre(3, 5, 7));
}

TEST(CsvReaderTest, LetsAQuoteInsideAPlainCellStandForItself) {
  auto records = ReadAll("5\" disk,b\n");
  ASSERT_THAT(records, IsOk());
  EXPECT_THAT(*records, ElementsAre(ElementsAre("5\" disk", "b")));
}

TEST(CsvReaderTest, NamesTheLineOnWhichAnUnclosedCellBegins) {
  EXPECT_THAT(ReadAll("a,b\nc,\"d\ne\n").status().message(),
              HasSubstr("t.csv:2: a quoted cell is not closed"));
}

TEST(CsvReaderTest, RefusesTextAfterAClosingQuote) {
  EXPECT_THAT(ReadAll("a,b\n\"c\"d,e\n").status().message(),
              HasSubstr("t.csv:2: text follows the closing quote"));
}

TEST(CsvReaderTest, RefusesARowOfAnotherLengthThanTheHeader) {
  CsvReader reader("a,b\n1,2\n3\n", "t.csv");
  ASSERT_TRUE(reader.ReadHeader().ok());
  ASSERT_TRUE(*reader.Next());
  EXPECT_THAT(reader.Next().status().message(),
              HasSubstr("t.csv:3: the row has 1 cells, the header 2"));
}

TEST(CsvReaderTest, RefusesAHeaderThatNamesAColumnTwice) {
  CsvReader reader("a,b, a\n", "t.csv");
  EXPECT_THAT(reader.ReadHeader().message(),
              HasSubstr("names column \"a\" twice"));
}

TEST(CsvReaderTest, ListsTheColumnsWhenOneIsMissing) {
  CsvReader reader("a,b\n", "t.csv");
  ASSERT_TRUE(reader.ReadHeader().ok());
  EXPECT_THAT(reader.Column("c").status().message(),
              HasSubstr("no column \"c\"; there are a, b"));
}

TEST(CsvReaderTest, ReadsNumbersAndNamesWhatIsNone) {
  CsvReader reader("1.5e3,nan\n", "t.csv");
  ASSERT_TRUE(*reader.Next());
  EXPECT_EQ(*reader.Number(0), 1500);
  EXPECT_THAT(reader.Number(1).status().message(),
              HasSubstr("t.csv:1: column 2: \"nan\" is not a finite number"));
}

TEST(CsvReaderTest, BoundsTheCellAndTheRow) {
  EXPECT_THAT(ReadAll("abcd", {.max_cell_bytes = 3}).status().message(),
              HasSubstr("cell 1 is longer than 3 bytes"));
  EXPECT_THAT(ReadAll("a,b,c", {.max_columns = 2}).status().message(),
              HasSubstr("more than 2 cells"));
}

std::string Quoted(const std::string& cell) {
  std::string out = "\"";
  for (char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

TEST(CsvReaderTest, ReadsBackWhatWasWrittenForRandomTables) {
  constexpr int kTables = 500;
  for (int seed = 1; seed <= kTables; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](int n) { return static_cast<int>(random() % n); };
    const char* const kLineEnds[] = {"\n", "\r\n", "\r"};
    const std::string line_end = kLineEnds[pick(3)];
    Records written(1 + pick(5));
    std::string text;
    const int columns = 2 + pick(4);
    for (auto& record : written) {
      std::vector<std::string> cells;
      for (int c = 0; c < columns; ++c) {
        std::string& cell = record.emplace_back();
        for (int n = pick(6); n > 0; --n) cell += "ab,\"\n\r;\xC3"[pick(8)];
        bool needs_quotes = cell.find_first_of(",\"\n\r") != std::string::npos;
        cells.push_back(needs_quotes || pick(2) ? Quoted(cell) : cell);
      }
      absl::StrAppend(&text, absl::StrJoin(cells, ","), line_end);
    }
    auto read = ReadAll(text);
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status();
    ASSERT_EQ(*read, written) << "seed " << seed;
  }
}

TEST(CsvReaderTest, NeitherCrashesNorHangsOnRandomBytes) {
  constexpr int kTexts = 2000;
  for (int seed = 1; seed <= kTexts; ++seed) {
    std::mt19937 random(seed);
    std::string text(random() % 60, ' ');
    for (char& c : text) c = "a\",\n\r\0\xEF\xBB\xBF"[random() % 9];
    size_t bytes = 0;
    auto records = ReadAll(text);
    if (!records.ok()) continue;
    for (const auto& record : *records) {
      for (const auto& cell : record) bytes += cell.size();
    }
    ASSERT_LE(bytes, text.size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace headway::sdk
