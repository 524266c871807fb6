#include "daemon/tables/periods/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace headway::tables {
namespace {

using series::Frequency;
using ::testing::HasSubstr;

std::string PeriodOf(absl::string_view format, absl::string_view text,
                     std::optional<Frequency> frequency = std::nullopt) {
  const auto compiled = PeriodFormat::Compile(format);
  if (!compiled.ok()) return std::string(compiled.status().message());
  const auto period = compiled->Parse(text, frequency);
  return period.ok() ? series::FormatPeriod(*period)
                     : std::string(period.status().message());
}

std::string DayOf(absl::string_view format, absl::string_view text) {
  return PeriodOf(format, text, Frequency::kDaily);
}

TEST(PeriodFormatTest, ReadsNumbersThatTouch) {
  EXPECT_EQ(PeriodOf("%Y%m", "202403"), "2024-03");
  EXPECT_EQ(DayOf("%Y%m%d", "20240305"), "2024-03-05");
  EXPECT_EQ(DayOf("%d%m%Y", "05032024"), "2024-03-05");
  EXPECT_EQ(DayOf("%y%m%d", "240305"), "2024-03-05");
  EXPECT_EQ(DayOf("%Y%j", "2024065"), "2024-03-05");
  EXPECT_THAT(PeriodOf("%Y%m", "20243"), HasSubstr("a month, 01 to 12"));
}

TEST(PeriodFormatTest, TellsTheFrequencyUnlessItTellsADay) {
  EXPECT_EQ(PeriodOf("%Y", "2024"), "2024");
  EXPECT_EQ(PeriodOf("Q%q %Y", "Q3 2024"), "2024-Q3");
  EXPECT_EQ(PeriodOf("%m/%Y", "3/2024"), "2024-03");
  EXPECT_EQ(PeriodOf("%G-W%V", "2024-W9"), "2024-W09");
  EXPECT_THAT(PeriodOf("%Y-%m-%d", "2024-03-05"),
              HasSubstr("set the option frequency"));
}

TEST(PeriodFormatTest, FindsThePeriodThatHoldsADay) {
  EXPECT_EQ(PeriodOf("%F", "2024-03-31", Frequency::kMonthly), "2024-03");
  EXPECT_EQ(PeriodOf("%F", "2024-03-31", Frequency::kQuarterly), "2024-Q1");
  EXPECT_EQ(PeriodOf("%F", "2024-12-30", Frequency::kWeekly), "2025-W01");
  EXPECT_EQ(PeriodOf("%Y-%m", "2024-03", Frequency::kQuarterly), "2024-Q1");
  EXPECT_EQ(PeriodOf("%Y-%m", "2024-07", Frequency::kSemiannual), "2024-S2");
  EXPECT_EQ(PeriodOf("%s. Halbjahr %Y", "2. Halbjahr 2024"), "2024-S2");
}

TEST(PeriodFormatTest, ReadsNamesOfMonthsShortAndInFull) {
  for (const char* text :
       {"Sep 2024", "September 2024", "SEPT 2024", "sep. 2024"}) {
    EXPECT_EQ(PeriodOf("%b %Y", text), "2024-09") << text;
  }
  EXPECT_EQ(PeriodOf("%B %Y", "May 2024"), "2024-05");
  EXPECT_THAT(PeriodOf("%b %Y", "Mrz 2024"), HasSubstr("an English name"));
}

TEST(PeriodFormatTest, ReadsYearsOfTwoDigitsByThePivotOfPosix) {
  EXPECT_EQ(PeriodOf("%b-%y", "Jan-24"), "2024-01");
  EXPECT_EQ(PeriodOf("%b-%y", "Jan-68"), "2068-01");
  EXPECT_EQ(PeriodOf("%b-%y", "Jan-69"), "1969-01");
}

TEST(PeriodFormatTest, ReadsTheDayOfTheYear) {
  EXPECT_EQ(DayOf("%Y-%j", "2024-065"), "2024-03-05");
  EXPECT_EQ(DayOf("%Y-%j", "2024-366"), "2024-12-31");
  EXPECT_THAT(DayOf("%Y-%j", "2023-366"), HasSubstr("no leap year"));
  EXPECT_THAT(DayOf("%Y-%j", "2024-65"), HasSubstr("day of the year"));
}

TEST(PeriodFormatTest, ReadsIsoWeeks) {
  EXPECT_EQ(PeriodOf("%G-W%V", "2020-W53"), "2020-W53");
  EXPECT_THAT(PeriodOf("%G-W%V", "2021-W53"), HasSubstr("no week 53"));
  EXPECT_EQ(DayOf("%G-W%V-%u", "2020-W53-5"), "2021-01-01");
}

TEST(PeriodFormatTest, RefusesDaysThatAreNot) {
  EXPECT_THAT(DayOf("%F", "2023-02-29"), HasSubstr("no such day"));
  EXPECT_EQ(DayOf("%F", "2024-02-29"), "2024-02-29");
}

TEST(PeriodFormatTest, KeepsTheDayAsWrittenWhateverTheOffset) {
  EXPECT_EQ(DayOf("%Y-%m-%dT%H:%M:%S%Ez", "2024-03-01T00:00:00+08:00"),
            "2024-03-01");
  EXPECT_EQ(DayOf("%Y-%m-%dT%T%z", "2024-03-01T23:30:00.25-0500"),
            "2024-03-01");
  EXPECT_EQ(DayOf("%F %I:%M %p", "2024-03-01 11:30 PM"), "2024-03-01");
}

TEST(PeriodFormatTest, ChecksThatAWeekdayAgrees) {
  EXPECT_EQ(DayOf("%a, %d %b %Y", "Tue, 05 Mar 2024"), "2024-03-05");
  EXPECT_THAT(DayOf("%a, %d %b %Y", "Mon, 05 Mar 2024"),
              HasSubstr("names a monday, but 2024-03-05 is a tuesday"));
}

TEST(PeriodFormatTest, RefusesTextBeyondTheForm) {
  EXPECT_THAT(PeriodOf("%Y-%m", "2024-03-05"),
              HasSubstr("the end is expected"));
  EXPECT_THAT(PeriodOf("%Y-%m", "2024"), HasSubstr("\"-\" is expected"));
}

TEST(PeriodFormatTest, RefusesAFormatWithoutAYear) {
  EXPECT_THAT(PeriodOf("%b", "Mar"), HasSubstr("tells no year; add %Y"));
  EXPECT_THAT(PeriodOf("%m-%d", "03-05"), HasSubstr("tells no year; add %Y"));
}

TEST(PeriodFormatTest, RefusesAFormatOfWhichAPartWouldBeIgnored) {
  EXPECT_THAT(PeriodOf("%Y-%d", ""), HasSubstr("tells a day, but no month"));
  EXPECT_THAT(PeriodOf("%Y-W%V", ""), HasSubstr("needs %G and %V together"));
  EXPECT_THAT(PeriodOf("%Y-%m-%j", ""), HasSubstr("tells two of month"));
  EXPECT_THAT(PeriodOf("%Y %y", ""), HasSubstr("tells one thing twice"));
  EXPECT_THAT(PeriodOf("%a %Y", ""), HasSubstr("tells a weekday, but no date"));
  EXPECT_THAT(PeriodOf("%Y-%m %H", ""), HasSubstr("a time of day, but no day"));
}

TEST(PeriodFormatTest, RefusesConversionsThatItDoesNotKnow) {
  EXPECT_THAT(PeriodOf("%Y-%U", ""), HasSubstr("ISO weeks: %G-W%V"));
  EXPECT_THAT(PeriodOf("%c", ""), HasSubstr("has %c, which is not known"));
  EXPECT_THAT(PeriodOf("%Y%", ""), HasSubstr("a lone %"));
}

TEST(PeriodFormatTest, RefusesAFinerFrequencyThanItTells) {
  EXPECT_THAT(PeriodOf("%Y-Q%q", "2024-Q1", Frequency::kMonthly),
              HasSubstr("is quarterly, but the series is monthly"));
  EXPECT_THAT(PeriodOf("%G-W%V", "2024-W09", Frequency::kMonthly),
              HasSubstr("is weekly, but the series is monthly"));
}

TEST(PeriodFormatTest, NeedsADayForADate) {
  EXPECT_TRUE(PeriodFormat::CompileDate("GDP_%Y%m%d").ok());
  EXPECT_THAT(PeriodFormat::CompileDate("GDP_%Y%m").status().message(),
              HasSubstr("tells no day"));
}

}  // namespace
}  // namespace headway::tables
