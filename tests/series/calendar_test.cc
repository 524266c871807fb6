#include "daemon/series/calendar.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace headway::series {
namespace {

using ::testing::HasSubstr;

// As published for China.
constexpr const char* kPublished[] = {
    "1990-01-27", "1991-02-15", "1992-02-04", "1993-01-23", "1994-02-10",
    "1995-01-31", "1996-02-19", "1997-02-07", "1998-01-28", "1999-02-16",
    "2000-02-05", "2001-01-24", "2002-02-12", "2003-02-01", "2004-01-22",
    "2005-02-09", "2006-01-29", "2007-02-18", "2008-02-07", "2009-01-26",
    "2010-02-14", "2011-02-03", "2012-01-23", "2013-02-10", "2014-01-31",
    "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05",
    "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10",
    "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13",
    "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19",
    "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24",
    "2040-02-12"};

TEST(LunarNewYearTest, IsThePublishedDayOfEveryYearFrom1990To2040) {
  int year = 1990;
  for (const char* published : kPublished) {
    EXPECT_EQ(absl::FormatCivilTime(LunarNewYear(year++).value()), published);
  }
  EXPECT_EQ(year, 2041);
}

TEST(LunarNewYearTest, LiesBetweenTheTwentiethOfJanuaryAndOfFebruary) {
  for (int year = kFirstLunarYear; year <= kLastLunarYear; ++year) {
    const absl::CivilDay day = LunarNewYear(year).value();
    EXPECT_GE(day, absl::CivilDay(year, 1, 20));
    EXPECT_LE(day, absl::CivilDay(year, 2, 21));
  }
}

TEST(LunarNewYearTest, AYearThatIsNotKnownIsAnErrorThatNamesThoseThatAre) {
  EXPECT_THAT(LunarNewYear(1929).status().message(),
              HasSubstr("those of 1930 to 2100 are"));
  EXPECT_EQ(LunarNewYear(2101).status().code(), absl::StatusCode::kOutOfRange);
}

Period At(const char* text) { return ParsePeriod(text).value(); }

TEST(LunarNewYearShareTest, CountsTheDaysOfTheWindowInThePeriod) {
  // 2024-02-10: the window is 2024-02-03 to 2024-02-23.
  EXPECT_DOUBLE_EQ(LunarNewYearShare(At("2024-02"), 7, 14).value(), 21.0 / 29);
  // 2023-01-22: 2023-01-15 to 2023-02-04.
  EXPECT_DOUBLE_EQ(LunarNewYearShare(At("2023-01"), 7, 14).value(), 17.0 / 31);
  EXPECT_DOUBLE_EQ(LunarNewYearShare(At("2023-02"), 7, 14).value(), 4.0 / 28);
  EXPECT_DOUBLE_EQ(LunarNewYearShare(At("2023-03"), 7, 14).value(), 0);
}

TEST(LunarNewYearShareTest, AWindowReachesOverTheEndOfAYear) {
  // 2023-01-22, and 30 days before it.
  EXPECT_DOUBLE_EQ(LunarNewYearShare(At("2022-12"), 30, 0).value(), 9.0 / 31);
}

TEST(WorkingDaysTest, AreMondaysToFridaysThatAreNoHolidays) {
  EXPECT_EQ(WorkingDays(At("2024-02"), {}), 21);
  EXPECT_EQ(WorkingDays(At("2026-12"), {absl::CivilDay(2026, 12, 25),
                                        // A Saturday.
                                        absl::CivilDay(2026, 12, 26)}),
            22);
  EXPECT_EQ(WorkingDays(At("2024-03-02"), {}), 0);
}

}  // namespace
}  // namespace headway::series
