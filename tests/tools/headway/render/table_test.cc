#include "tools/headway/render/table.h"

#include "gtest/gtest.h"

namespace headway::cli {
namespace {

TEST(TableTest, AlignsColumnsByDisplayWidth) {
  Table table({{.name = "name"}, {.name = "last", .align = Align::kRight}});
  table.AddRow({"é", "1"});
  table.AddRow({"abcdef", "1,234"});
  EXPECT_EQ(table.ToText({}),
            "NAME     LAST\n"
            "é           1\n"
            "abcdef  1,234\n");
}

TEST(TableTest, LeavesNoBlanksAtTheEndsOfLines) {
  Table table({{.name = "name"}, {.name = "note"}});
  table.AddRow({"a", ""});
  EXPECT_EQ(table.ToText({}), "NAME  NOTE\na\n");
}

TEST(TableTest, CutsShrinkableColumnsUntilALineFits) {
  Table table({{.name = "name", .shrinkable = true}, {.name = "value"}});
  table.AddRow({"a_rather_long_indicator", "12345678"});
  EXPECT_EQ(table.ToText({.max_width = 20}),
            "NAME        VALUE\n"
            "a_rather_…  12345678\n");
}

TEST(TableTest, NeverCutsNumbersEvenIfTheLineIsTooLong) {
  Table table({{.name = "value"}});
  table.AddRow({"12345678"});
  EXPECT_EQ(table.ToText({.max_width = 4}), "VALUE\n12345678\n");
}

TEST(TableTest, PutsColoursAroundTextAndNotAroundBlanks) {
  Table table({{.name = "s", .align = Align::kRight}});
  table.AddRow({Cell("ok", "ok", Style::kGood)});
  table.AddRow({"longer"});
  EXPECT_EQ(table.ToText({.colour = true}),
            "     \x1b[2mS\x1b[0m\n    \x1b[32mok\x1b[0m\nlonger\n");
}

TEST(TableTest, PutsAnApostropheBeforeWhatASpreadsheetWouldRun) {
  Table table({{.name = "a"}, {.name = "b"}});
  table.AddRow({"=1+1", "-1.5"});
  EXPECT_EQ(table.ToCsv(), "a,b\n'=1+1,-1.5\n");
}

TEST(TableTest, WritesExactValuesAndEveryColumnToCsv) {
  Table table({{.name = "name"},
               {.name = "last_value", .align = Align::kRight},
               {.name = "note", .csv_only = true}});
  table.AddRow({"gdp", ValueCell(1234567890.5, "USD"), "a \"b\", c"});
  table.AddRow({"cpi", MissingCell(), ""});
  EXPECT_EQ(table.ToCsv(),
            "name,last_value,note\n"
            "gdp,1234567890.5,\"a \"\"b\"\", c\"\n"
            "cpi,,\n");
  EXPECT_EQ(table.ToText({}),
            "NAME  LAST VALUE\n"
            "gdp       1.23 B\n"
            "cpi            –\n");
}

}  // namespace
}  // namespace headway::cli
