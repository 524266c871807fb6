#include "daemon/tables/periods/notation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headway::tables {
namespace {

using series::Frequency;
using ::testing::HasSubstr;
using ::testing::Not;

std::string NotationOf(absl::string_view text,
                       std::optional<Frequency> frequency = std::nullopt) {
  const auto period = ReadPeriod(text, frequency);
  return period.ok() ? series::FormatPeriod(*period)
                     : std::string(period.status().message());
}

TEST(NotationTest, ReadsQuarters) {
  for (const char* text : {"2024-Q1", "2024Q1", "2024 q1", "Q1 2024", "Q1-2024",
                           "1Q2024", "2024:Q1"}) {
    EXPECT_EQ(NotationOf(text), "2024-Q1") << text;
  }
}

TEST(NotationTest, ReadsMonths) {
  for (const char* text :
       {"2024-03", "2024M03", "2024M3", "2024-M03", "03/2024", "03.2024",
        "Mar 2024", "Mar-2024", "March 2024", "2024-Mar", "MAR 2024"}) {
    EXPECT_EQ(NotationOf(text), "2024-03") << text;
  }
}

TEST(NotationTest, ReadsWeeksDaysAndYears) {
  EXPECT_EQ(NotationOf("2024W09"), "2024-W09");
  EXPECT_EQ(NotationOf("2026-W53"), "2026-W53");
  EXPECT_EQ(NotationOf("2024-A1"), "2024");
  EXPECT_EQ(NotationOf("2024 [YR2024]"), "2024");
  for (const char* text :
       {"2024-03-05", "20240305", "2024/03/05", "5 Mar 2024", "05-Mar-2024",
        "Mar 5, 2024", "2024-03-05 00:00:00", "2024-03-05T23:30:00+08:00"}) {
    EXPECT_EQ(NotationOf(text), "2024-03-05") << text;
  }
  EXPECT_EQ(NotationOf("2024-02-29"), "2024-02-29");
}

TEST(NotationTest, ReadsTwoDigitsOfAYearWhereTheFrequencyIsSaid) {
  EXPECT_EQ(NotationOf("Jan-24", Frequency::kMonthly), "2024-01");
  EXPECT_EQ(NotationOf("1Q24", Frequency::kQuarterly), "2024-Q1");
  EXPECT_EQ(NotationOf("1H24", Frequency::kSemiannual), "2024-S1");
  EXPECT_EQ(NotationOf("2009/10", Frequency::kMonthly), "2009-10");
  EXPECT_THAT(NotationOf("Jan-24"), HasSubstr("set period_format = %b-%y"));
}

TEST(NotationTest, RefusesWhatCouldMeanTwoThings) {
  EXPECT_THAT(NotationOf("202401"), HasSubstr("%Y%m, or %y%m%d"));
  EXPECT_THAT(NotationOf("03/05/2024"), HasSubstr("in either order"));
  EXPECT_THAT(NotationOf("3/2024"), HasSubstr("period_format"));
  EXPECT_THAT(NotationOf("2024-1"), HasSubstr("period_format"));
  EXPECT_THAT(NotationOf("2009/10"), HasSubstr("a fiscal year"));
  EXPECT_THAT(NotationOf("45292"), HasSubstr("a spreadsheet's number"));
  EXPECT_THAT(NotationOf("2024-065"), HasSubstr("%Y-%j"));
}

TEST(NotationTest, NamesFiscalYears) {
  EXPECT_THAT(NotationOf("FY2024"), HasSubstr("period_format = FY%Y"));
}

TEST(NotationTest, ReadsHalfYears) {
  for (const char* text : {"2025-S1", "2025S1", "2025-H1", "2025H1", "2025 H1",
                           "H1 2025", "S1 2025", "1H2025", "h1-2025"}) {
    EXPECT_EQ(NotationOf(text), "2025-S1") << text;
  }
  EXPECT_EQ(NotationOf("2025H2"), "2025-S2");
}

TEST(NotationTest, RefusesPeriodsThatAreNot) {
  EXPECT_THAT(NotationOf("2024Q5"), HasSubstr("period \"2024Q5\""));
  EXPECT_THAT(NotationOf("2024H3"), HasSubstr("period \"2024H3\""));
  EXPECT_THAT(NotationOf("2024M13"), HasSubstr("period \"2024M13\""));
  EXPECT_THAT(NotationOf("2025-W53"), HasSubstr("no week 53"));
  EXPECT_THAT(NotationOf("2023-02-29"), HasSubstr("no such day"));
  EXPECT_THAT(NotationOf("2023-02-29"), Not(HasSubstr("in either order")));
}

TEST(NotationTest, TakesNoDateForItsMonth) {
  EXPECT_THAT(NotationOf("2024-01-01", Frequency::kMonthly),
              HasSubstr("set period_format to its form, as in %Y-%m-%d"));
}

}  // namespace
}  // namespace headway::tables
