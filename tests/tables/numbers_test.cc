#include "daemon/tables/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace headway::tables {
namespace {

using ::testing::HasSubstr;

double NumberOf(absl::string_view cell, const NumberStyle& style = {}) {
  const auto number = ParseNumber(cell, style);
  EXPECT_TRUE(number.ok()) << cell << ": " << number.status();
  return number.value_or(0);
}

std::string NumberRefusal(absl::string_view cell,
                          const NumberStyle& style = {}) {
  const auto number = ParseNumber(cell, style);
  EXPECT_FALSE(number.ok()) << cell;
  return std::string(number.status().message());
}

TEST(NumbersTest, ReadsPlainNumbers) {
  EXPECT_EQ(NumberOf("12.5"), 12.5);
  EXPECT_EQ(NumberOf("-1e-2"), -0.01);
  EXPECT_EQ(NumberOf("+3"), 3);
}

TEST(NumbersTest, RefusesWhatIsNotDecimalOrNotFinite) {
  EXPECT_THAT(NumberRefusal("0x10"), HasSubstr("hexadecimal"));
  EXPECT_THAT(NumberRefusal("=1+1"), HasSubstr("it is a formula"));
  EXPECT_THAT(NumberRefusal("(5"), HasSubstr("a parenthesis stands alone"));
  EXPECT_THAT(NumberRefusal("-0X1p3"), HasSubstr("hexadecimal"));
  EXPECT_THAT(NumberRefusal("inf"), HasSubstr("not a finite number"));
  EXPECT_THAT(NumberRefusal("1e999"), HasSubstr("not a finite number"));
  EXPECT_THAT(NumberRefusal(""), HasSubstr("not a finite number"));
  EXPECT_THAT(NumberRefusal("1_000"), HasSubstr("not a finite number"));
}

TEST(NumbersTest, ReadsEveryMinusOfUnicode) {
  for (const char* minus : {"-", "\u2212", "\u2013", "\uFF0D"}) {
    EXPECT_EQ(NumberOf(absl::StrCat(minus, "12.5")), -12.5) << minus;
  }
}

TEST(NumbersTest, ReadsGroupsOfThreeOnly) {
  const NumberStyle style = {.thousands = ','};
  EXPECT_EQ(NumberOf("1,234,567.5", style), 1234567.5);
  EXPECT_EQ(NumberOf("-1,234", style), -1234);
  EXPECT_EQ(NumberOf("12", style), 12);
  for (const char* cell : {"1,23", "1234,567", ",123", "1,2345", "1,,234"}) {
    EXPECT_THAT(NumberRefusal(cell, style), HasSubstr("groups of three"))
        << cell;
  }
}

TEST(NumbersTest, ReadsADecimalComma) {
  const NumberStyle style = {.decimal = ','};
  EXPECT_EQ(NumberOf("1234,56", style), 1234.56);
  EXPECT_THAT(NumberRefusal("1.234", style), HasSubstr("set thousands = ."));
  EXPECT_EQ(NumberOf("1.234,5", {.decimal = ',', .thousands = '.'}), 1234.5);
}

TEST(NumbersTest, ReadsGroupsPartedBySpacesAndApostrophes) {
  EXPECT_EQ(NumberOf("1 234 567", {.thousands = ' '}), 1234567);
  EXPECT_EQ(NumberOf("1\u2019234.5", {.thousands = '\''}), 1234.5);
}

TEST(NumbersTest, ReadsParenthesesAsBelowZero) {
  EXPECT_EQ(NumberOf("(1,234)", {.thousands = ',', .parentheses = true}),
            -1234);
  EXPECT_THAT(NumberRefusal("(-5)", {.parentheses = true}),
              HasSubstr("not a finite number"));
}

TEST(NumbersTest, DropsMarksBeforeAndBehind) {
  const NumberStyle style = {.marks = {"$", "p", "*"}};
  EXPECT_EQ(NumberOf("$12.5", style), 12.5);
  EXPECT_EQ(NumberOf("12.5 p", style), 12.5);
  EXPECT_EQ(NumberOf("12.5p*", style), 12.5);
  EXPECT_THAT(NumberRefusal("p", style), HasSubstr("not a finite number"));
}

TEST(NumbersTest, RefusesOneMarkForTwoPurposes) {
  EXPECT_THAT(CheckStyle({.decimal = ',', .thousands = ','}).message(),
              HasSubstr("cannot be both"));
}

TEST(NumbersTest, SaysWhatWouldReadACell) {
  EXPECT_THAT(NumberRefusal("1,234"), HasSubstr("decimal = ,"));
  EXPECT_THAT(NumberRefusal("12%"), HasSubstr("marks = %"));
  EXPECT_THAT(NumberRefusal("5-"), HasSubstr("the minus stands behind"));
  EXPECT_THAT(NumberRefusal("#DIV/0!"), HasSubstr("a spreadsheet's error"));
  EXPECT_THAT(NumberRefusal("$5"), HasSubstr("marks = $"));
  EXPECT_THAT(NumberRefusal("5 bn"), HasSubstr("set scale"));
  EXPECT_THAT(NumberRefusal("see note"), HasSubstr("the option missing"));
}

}  // namespace
}  // namespace headway::tables
