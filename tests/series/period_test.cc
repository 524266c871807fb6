#include "daemon/series/period.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"

namespace headway::series {
namespace {

using testing::HasSubstr;

Period Parse(absl::string_view text) { return ParsePeriod(text).value(); }

std::string PeriodError(absl::string_view text) {
  auto period = ParsePeriod(text);
  EXPECT_FALSE(period.ok()) << text;
  return std::string(period.status().message());
}

TEST(PeriodTest, ParsesEachFormAtItsFrequency) {
  EXPECT_EQ(Parse("2024"), (Period{Frequency::kAnnual, 2024}));
  EXPECT_EQ(Parse("2024-S1"), (Period{Frequency::kSemiannual, 54 * 2}));
  EXPECT_EQ(Parse("2024-Q1"), (Period{Frequency::kQuarterly, 54 * 4}));
  EXPECT_EQ(Parse("2024-03"), (Period{Frequency::kMonthly, 54 * 12 + 2}));
  EXPECT_EQ(Parse("1970-W01"), (Period{Frequency::kWeekly, 0}));
  EXPECT_EQ(Parse("1970-01-01"), (Period{Frequency::kDaily, 0}));
  EXPECT_EQ(Parse("1969-12-31"), (Period{Frequency::kDaily, -1}));
  EXPECT_EQ(Parse("1969-S2"), (Period{Frequency::kSemiannual, -1}));
  EXPECT_EQ(Parse("1969-Q4"), (Period{Frequency::kQuarterly, -1}));
  EXPECT_EQ(Parse("1969-12"), (Period{Frequency::kMonthly, -1}));
}

TEST(PeriodTest, EveryPeriodPrintsAsWhatItWasParsedFrom) {
  for (absl::string_view text :
       {"1600", "2400", "1969", "2024-S1", "2024-S2", "1969-S1", "2024-Q1",
        "2024-Q4", "1969-Q2", "2024-01", "2024-12", "1600-01", "2024-W09",
        "2020-W53", "1969-W52", "2024-02-29", "1900-02-28", "1600-01-01",
        "2400-12-31"}) {
    EXPECT_EQ(FormatPeriod(Parse(text)), text);
  }
}

// glibc's %G-W%V is the independent word on ISO weeks.
TEST(PeriodTest, IsoWeeksAgreeWithTheCLibraryOnEveryDayOfFourCenturies) {
  for (absl::CivilDay day(1800, 1, 1); day < absl::CivilDay(2201, 1, 1);
       ++day) {
    std::tm tm = {};
    tm.tm_year = static_cast<int>(day.year()) - 1900;
    tm.tm_mon = day.month() - 1;
    tm.tm_mday = day.day();
    tm.tm_yday = absl::GetYearDay(day) - 1;
    // Abseil counts from Monday, C from Sunday.
    tm.tm_wday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
    char expected[16];
    std::strftime(expected, sizeof(expected), "%G-W%V", &tm);
    const Period week = PeriodContaining(Frequency::kWeekly, day);
    ASSERT_EQ(FormatPeriod(week), expected) << day;
    ASSERT_EQ(Parse(expected), week) << day;
  }
}

TEST(PeriodTest, IsoWeeksRunAcrossTheYearEnd) {
  EXPECT_EQ(Parse("2020-W53").ordinal + 1, Parse("2021-W01").ordinal);
  EXPECT_EQ(FirstDay(Parse("2020-W53")), absl::CivilDay(2020, 12, 28));
  EXPECT_EQ(FirstDay(Parse("2025-W01")), absl::CivilDay(2024, 12, 30));
  EXPECT_EQ(PeriodContaining(Frequency::kWeekly, absl::CivilDay(2023, 1, 1)),
            Parse("2022-W52"));
}

TEST(PeriodTest, RefusesAWeekThatItsYearDoesNotHave) {
  EXPECT_THAT(PeriodError("2021-W53"),
              HasSubstr("the year 2021 has no week 53"));
  EXPECT_THAT(PeriodError("2021-W00"),
              HasSubstr("the year 2021 has no week 0"));
  EXPECT_THAT(PeriodError("2021-W9"), HasSubstr("two digits"));
}

TEST(PeriodTest, RefusesDaysThatDoNotExist) {
  EXPECT_THAT(PeriodError("2023-02-29"), HasSubstr("no such day"));
  EXPECT_THAT(PeriodError("2100-02-29"), HasSubstr("no such day"));
  EXPECT_THAT(PeriodError("2024-04-31"), HasSubstr("no such day"));
  EXPECT_THAT(PeriodError("2024-04-00"), HasSubstr("no such day"));
  EXPECT_EQ(FormatPeriod(Parse("2000-02-29")), "2000-02-29");
}

TEST(PeriodTest, NamesTheTextThatIsNoPeriod) {
  for (absl::string_view text :
       {"",         "2",          "202",     "24-03",     "2024-",
        "2024-3",   "2024-13",    "2024-00", "2024-Q0",   "2024-Q5",
        "2024-Q11", "2024Q1",     "2024-W",  "2024-03-1", "2024-03-011",
        "2024/03",  "2024-03/01", " 2024",   "2024 ",     "2024-q1",
        "-2024",    "1599",       "2401",    "99999",     "2024-03-05T00:00"}) {
    EXPECT_THAT(PeriodError(text), HasSubstr(absl::StrCat("\"", text, "\"")));
  }
}

TEST(PeriodTest, NamesTheTextThatIsNoHalfYear) {
  for (absl::string_view text : {"2024-S0", "2024-S3", "2024-S", "2024-S11",
                                 "2024S1", "2024-H1", "2024-s1"}) {
    EXPECT_THAT(PeriodError(text), HasSubstr(absl::StrCat("\"", text, "\"")));
  }
}

TEST(PeriodTest, RefusesAnotherFrequencyThanIsAskedFor) {
  EXPECT_THAT(
      std::string(
          ParsePeriod("2024-03", Frequency::kQuarterly).status().message()),
      HasSubstr("\"2024-03\" is monthly, but the series is quarterly"));
  EXPECT_TRUE(ParsePeriod("2024-Q1", Frequency::kQuarterly).ok());
}

TEST(PeriodTest, EveryDayLiesInThePeriodThatContainsIt) {
  for (Frequency frequency : kFrequencies) {
    for (absl::CivilDay day(1895, 1, 1); day < absl::CivilDay(2105, 1, 1);
         day += 3) {
      const Period period = PeriodContaining(frequency, day);
      ASSERT_LE(FirstDay(period), day);
      ASSERT_LT(day, EndDay(period));
    }
  }
}

TEST(PeriodTest, PeriodsFollowOneAnotherWithoutGap) {
  for (Frequency frequency : kFrequencies) {
    Period period = PeriodContaining(frequency, absl::CivilDay(1960, 6, 1));
    for (int i = 0; i < 400; ++i) {
      const absl::CivilDay end = EndDay(period);
      ++period.ordinal;
      ASSERT_EQ(FirstDay(period), end);
      ASSERT_EQ(PeriodContaining(frequency, end), period);
      ASSERT_EQ(Parse(FormatPeriod(period)), period);
    }
  }
}

TEST(PeriodTest, APeriodIsOverAtMidnightUtcAfterItsLastDay) {
  EXPECT_EQ(EndTime(Parse("2024-02")),
            absl::FromCivil(absl::CivilDay(2024, 3, 1), absl::UTCTimeZone()));
}

TEST(PeriodTest, IsInRangeExactlyForTheYearsThatParse) {
  EXPECT_TRUE(IsInRange({Frequency::kAnnual, 1600}));
  EXPECT_TRUE(IsInRange({Frequency::kAnnual, 2400}));
  EXPECT_FALSE(IsInRange({Frequency::kAnnual, 1599}));
  EXPECT_FALSE(IsInRange({Frequency::kAnnual, 2401}));
  for (Frequency frequency : kFrequencies) {
    const int32_t first =
        PeriodContaining(frequency, absl::CivilDay(1600, 1, 3)).ordinal;
    const int32_t last =
        PeriodContaining(frequency, absl::CivilDay(2400, 12, 20)).ordinal;
    EXPECT_TRUE(IsInRange({frequency, first}));
    EXPECT_TRUE(IsInRange({frequency, last}));
    EXPECT_FALSE(IsInRange({frequency, first - 3}));
    EXPECT_FALSE(IsInRange({frequency, last + 12}));
    EXPECT_FALSE(IsInRange({frequency, INT32_MIN}));
    EXPECT_FALSE(IsInRange({frequency, INT32_MAX}));
  }
}

// Whatever is in range can be printed and read back: the store and the API
// rely on it.
TEST(PeriodTest, WhatIsInRangeParsesFromItsOwnText) {
  for (Frequency frequency : kFrequencies) {
    for (absl::CivilDay day :
         {absl::CivilDay(1599, 12, 20), absl::CivilDay(2400, 12, 20)}) {
      const Period start = PeriodContaining(frequency, day);
      for (int32_t i = 0; i < 30; ++i) {
        const Period period = {frequency, start.ordinal + i};
        if (!IsInRange(period)) continue;
        auto parsed = ParsePeriod(FormatPeriod(period));
        ASSERT_TRUE(parsed.ok()) << parsed.status();
        ASSERT_EQ(*parsed, period);
      }
    }
  }
}

TEST(LatestAcceptedTest, EndsWithTheFiftiethYearAfterThePresentOne) {
  for (const char* now : {"2026-01-01", "2026-12-31"}) {
    const absl::Time instant =
        absl::FromCivil(FirstDay(Parse(now)), absl::UTCTimeZone());
    for (const char* latest :
         {"2076", "2076-S2", "2076-Q4", "2076-12", "2076-W53", "2076-12-31"}) {
      const Period period = Parse(latest);
      EXPECT_EQ(LatestAccepted(period.frequency, instant), period) << latest;
    }
  }
}

TEST(LatestAcceptedTest, StaysWithinTheYearsThatPeriodsHave) {
  EXPECT_EQ(LatestAccepted(Frequency::kMonthly, absl::InfiniteFuture()),
            Parse("2400-12"));
  EXPECT_EQ(LatestAccepted(Frequency::kMonthly, absl::InfinitePast()),
            Parse("1600-12"));
}

TEST(PeriodTest, AHalfYearHasSixMonths) {
  EXPECT_EQ(FirstDay(Parse("2025-S2")), absl::CivilDay(2025, 7, 1));
  EXPECT_EQ(EndDay(Parse("2025-S2")), absl::CivilDay(2026, 1, 1));
  EXPECT_EQ(
      PeriodContaining(Frequency::kSemiannual, absl::CivilDay(2025, 6, 30)),
      Parse("2025-S1"));
}

TEST(FrequencyTest, AreOrderedByTheLengthOfTheirPeriods) {
  for (size_t i = 1; i < kFrequencies.size(); ++i) {
    EXPECT_TRUE(IsCoarser(kFrequencies[i - 1], kFrequencies[i]));
    EXPECT_FALSE(IsCoarser(kFrequencies[i], kFrequencies[i - 1]));
  }
  EXPECT_TRUE(IsCoarser(Frequency::kSemiannual, Frequency::kQuarterly));
}

TEST(FrequencyTest, HaveTheNumbersThatTheStoreKeeps) {
  EXPECT_FALSE(IsFrequency(0));
  for (uint8_t number = 1; number <= 6; ++number) {
    EXPECT_TRUE(IsFrequency(number));
  }
  EXPECT_FALSE(IsFrequency(7));
}

TEST(FrequencyTest, ParsesNamesAndLetters) {
  for (Frequency frequency : kFrequencies) {
    EXPECT_EQ(ParseFrequency(FrequencyName(frequency)).value(), frequency);
  }
  EXPECT_EQ(ParseFrequency("Q").value(), Frequency::kQuarterly);
  EXPECT_EQ(ParseFrequency("S").value(), Frequency::kSemiannual);
  EXPECT_THAT(std::string(ParseFrequency("hourly").status().message()),
              HasSubstr("\"hourly\" is unknown"));
  EXPECT_FALSE(ParseFrequency("q").ok());
  EXPECT_FALSE(ParseFrequency("").ok());
}

}  // namespace
}  // namespace headway::series
