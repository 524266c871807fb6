#include "daemon/schedule/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace headway::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::TimeZone Zone(const std::string& name) {
  return LoadTimeZone(name).value();
}

absl::Time Local(absl::string_view text, absl::TimeZone zone) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%S", text, zone, &time, &error))
      << error;
  return time;
}

// The next `count` fire times after a local time, as local times with offset.
std::vector<std::string> Next(absl::string_view cron, absl::string_view after,
                              int count, const std::string& zone_name = "") {
  const absl::TimeZone zone = Zone(zone_name);
  const Cron parsed = Cron::Parse(cron).value();
  absl::Time time = Local(after, zone);
  std::vector<std::string> times;
  for (int i = 0; i < count; ++i) {
    time = parsed.NextAfter(time, zone);
    times.push_back(absl::FormatTime("%a %Y-%m-%d %H:%M:%S %z", time, zone));
  }
  return times;
}

std::string ErrorOf(absl::string_view cron) {
  const auto parsed = Cron::Parse(cron);
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

// The examples of crontab(5) of Vixie's cron.
TEST(CronTest, FiveMinutesAfterMidnightEveryDay) {
  EXPECT_THAT(Next("5 0 * * *", "2024-02-28 00:05:00", 2),
              ElementsAre("Thu 2024-02-29 00:05:00 +0000",
                          "Fri 2024-03-01 00:05:00 +0000"));
}

TEST(CronTest, QuarterPastTwoOnTheFirstOfEveryMonth) {
  EXPECT_THAT(Next("15 14 1 * *", "2023-12-15 00:00:00", 2),
              ElementsAre("Mon 2024-01-01 14:15:00 +0000",
                          "Thu 2024-02-01 14:15:00 +0000"));
}

TEST(CronTest, TenInTheEveningOnWeekdays) {
  EXPECT_THAT(Next("0 22 * * 1-5", "2024-05-03 21:59:59", 2),
              ElementsAre("Fri 2024-05-03 22:00:00 +0000",
                          "Mon 2024-05-06 22:00:00 +0000"));
}

TEST(CronTest, TwentyThreeMinutesAfterEveryOtherHour) {
  EXPECT_THAT(Next("23 0-23/2 * * *", "2024-05-03 00:00:00", 3),
              ElementsAre("Fri 2024-05-03 00:23:00 +0000",
                          "Fri 2024-05-03 02:23:00 +0000",
                          "Fri 2024-05-03 04:23:00 +0000"));
}

TEST(CronTest, DayOfTheMonthOrWeekdayWhereBothAreGiven) {
  EXPECT_THAT(Next("30 4 1,15 * 5", "2024-02-28 00:00:00", 4),
              ElementsAre("Fri 2024-03-01 04:30:00 +0000",
                          "Fri 2024-03-08 04:30:00 +0000",
                          "Fri 2024-03-15 04:30:00 +0000",
                          "Fri 2024-03-22 04:30:00 +0000"));
  EXPECT_THAT(Next("30 4 1,15 * 5", "2024-03-29 12:00:00", 2),
              ElementsAre("Mon 2024-04-01 04:30:00 +0000",
                          "Fri 2024-04-05 04:30:00 +0000"));
}

TEST(CronTest, DayAndWeekdayWhereOneStartsWithAStar) {
  EXPECT_THAT(Next("0 0 */2 * MON", "2024-01-01 00:00:00", 2),
              ElementsAre("Mon 2024-01-15 00:00:00 +0000",
                          "Mon 2024-01-29 00:00:00 +0000"));
}

TEST(CronTest, SecondsComeFirstOfSixFields) {
  EXPECT_THAT(Next("*/20 59 23 31 DEC *", "2023-12-31 23:59:20", 3),
              ElementsAre("Sun 2023-12-31 23:59:40 +0000",
                          "Tue 2024-12-31 23:59:00 +0000",
                          "Tue 2024-12-31 23:59:20 +0000"));
}

TEST(CronTest, SundayIsZeroAndSeven) {
  const std::vector<std::string> sunday =
      Next("0 0 * * SUN", "2024-01-01 00:00:00", 3);
  EXPECT_EQ(Next("0 0 * * 0", "2024-01-01 00:00:00", 3), sunday);
  EXPECT_EQ(Next("0 0 * * 7", "2024-01-01 00:00:00", 3), sunday);
  EXPECT_THAT(Next("0 0 * * 5-7", "2024-01-04 00:00:00", 3),
              ElementsAre("Fri 2024-01-05 00:00:00 +0000",
                          "Sat 2024-01-06 00:00:00 +0000",
                          "Sun 2024-01-07 00:00:00 +0000"));
}

TEST(CronTest, NicknamesStandForTheirFields) {
  EXPECT_THAT(Next("@yearly", "2024-01-01 00:00:00", 1),
              ElementsAre("Wed 2025-01-01 00:00:00 +0000"));
  EXPECT_THAT(Next("@monthly", "2024-01-01 00:00:00", 1),
              ElementsAre("Thu 2024-02-01 00:00:00 +0000"));
  EXPECT_THAT(Next("@weekly", "2024-01-01 00:00:00", 1),
              ElementsAre("Sun 2024-01-07 00:00:00 +0000"));
  EXPECT_THAT(Next("@daily", "2024-01-01 00:00:00", 1),
              ElementsAre("Tue 2024-01-02 00:00:00 +0000"));
  EXPECT_THAT(Next("@hourly", "2024-01-01 00:00:00", 1),
              ElementsAre("Mon 2024-01-01 01:00:00 +0000"));
}

TEST(CronTest, FindsALeapDayAcrossACenturyWithoutOne) {
  EXPECT_THAT(Next("0 0 29 2 *", "2096-03-01 00:00:00", 1),
              ElementsAre("Fri 2104-02-29 00:00:00 +0000"));
}

TEST(CronTest, NextIsStrictlyAfterTheInstantToTheNanosecond) {
  const Cron cron = Cron::Parse("0 12 * * *").value();
  const absl::Time noon =
      absl::FromUnixSeconds(1704110400);  // 2024-01-01 12:00
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(cron.NextAfter(noon - absl::Nanoseconds(1), utc), noon);
  EXPECT_EQ(cron.NextAfter(noon, utc), noon + absl::Hours(24));
}

TEST(CronTest, ASkippedTimeFiresAtTheEndOfTheGapInNewYork) {
  EXPECT_THAT(Next("30 2 * * *", "2024-03-09 12:00:00", 2, "America/New_York"),
              ElementsAre("Sun 2024-03-10 03:00:00 -0400",
                          "Mon 2024-03-11 02:30:00 -0400"));
}

TEST(CronTest, SeveralSkippedTimesFireOnce) {
  EXPECT_THAT(
      Next("0,15,30,45 2 * * *", "2024-03-10 00:00:00", 2, "America/New_York"),
      ElementsAre("Sun 2024-03-10 03:00:00 -0400",
                  "Mon 2024-03-11 02:00:00 -0400"));
}

TEST(CronTest, ASkippedHourAndTheOneAfterItFireOnce) {
  EXPECT_THAT(Next("0 * * * *", "2024-03-31 00:30:00", 3, "Europe/Berlin"),
              ElementsAre("Sun 2024-03-31 01:00:00 +0100",
                          "Sun 2024-03-31 03:00:00 +0200",
                          "Sun 2024-03-31 04:00:00 +0200"));
}

TEST(CronTest, ARepeatedTimeFiresTheFirstTimeRoundInNewYork) {
  EXPECT_THAT(Next("30 1 * * *", "2024-11-02 12:00:00", 2, "America/New_York"),
              ElementsAre("Sun 2024-11-03 01:30:00 -0400",
                          "Mon 2024-11-04 01:30:00 -0500"));
}

TEST(CronTest, AFixedHourThatIsRepeatedFiresOnceInBerlin) {
  EXPECT_THAT(Next("0,30 2 * * *", "2024-10-27 01:30:00", 3, "Europe/Berlin"),
              ElementsAre("Sun 2024-10-27 02:00:00 +0200",
                          "Sun 2024-10-27 02:30:00 +0200",
                          "Mon 2024-10-28 02:00:00 +0100"));
}

TEST(CronTest, AWildcardFiresInBothPassesOfARepeatedHour) {
  EXPECT_THAT(
      Next("*/30 * * * *", "2024-10-27 01:30:00", 6, "Europe/Berlin"),
      ElementsAre(
          "Sun 2024-10-27 02:00:00 +0200", "Sun 2024-10-27 02:30:00 +0200",
          "Sun 2024-10-27 02:00:00 +0100", "Sun 2024-10-27 02:30:00 +0100",
          "Sun 2024-10-27 03:00:00 +0100", "Sun 2024-10-27 03:30:00 +0100"));
  EXPECT_THAT(Next("0 * * * *", "2024-11-03 00:30:00", 3, "America/New_York"),
              ElementsAre("Sun 2024-11-03 01:00:00 -0400",
                          "Sun 2024-11-03 01:00:00 -0500",
                          "Sun 2024-11-03 02:00:00 -0500"));
}

TEST(CronTest, AWildcardMinuteOfAFixedHourFiresInBothPasses) {
  EXPECT_THAT(
      Next("*/30 1 * * *", "2024-11-03 00:30:00", 5, "America/New_York"),
      ElementsAre(
          "Sun 2024-11-03 01:00:00 -0400", "Sun 2024-11-03 01:30:00 -0400",
          "Sun 2024-11-03 01:00:00 -0500", "Sun 2024-11-03 01:30:00 -0500",
          "Mon 2024-11-04 01:00:00 -0500"));
}

TEST(CronTest, AWildcardDoesNotMakeUpForASkippedHour) {
  EXPECT_THAT(Next("15 * * * *", "2024-03-10 00:30:00", 3, "America/New_York"),
              ElementsAre("Sun 2024-03-10 01:15:00 -0500",
                          "Sun 2024-03-10 03:15:00 -0400",
                          "Sun 2024-03-10 04:15:00 -0400"));
}

TEST(CronTest, KeepsToOffsetsOfThreeQuartersOfAnHour) {
  const absl::TimeZone zone = Zone("Asia/Kathmandu");
  const absl::Time next =
      Cron::Parse("0 6 * * *")
          .value()
          .NextAfter(Local("2024-06-01 12:00:00", zone), zone);
  EXPECT_EQ(absl::FormatTime("%Y-%m-%d %H:%M", next, absl::UTCTimeZone()),
            "2024-06-02 00:15");
}

// What the schedule is meant to be, by walking through every minute: a local
// minute fires the first time it comes, and minutes that never come fire at
// the instant of the jump.
std::vector<absl::Time> FireTimesByWalking(const std::set<int>& minutes,
                                           const std::set<int>& hours,
                                           absl::Time from, absl::Time to,
                                           absl::TimeZone zone) {
  const auto fits = [&](absl::CivilMinute at) {
    return minutes.count(at.minute()) > 0 && hours.count(at.hour()) > 0;
  };
  std::vector<absl::Time> times;
  absl::CivilMinute latest(absl::ToCivilMinute(from, zone) - 1);
  for (absl::Time at = from; at <= to; at += absl::Minutes(1)) {
    const absl::CivilMinute local = absl::ToCivilMinute(at, zone);
    bool fires = false;
    while (latest < local) fires |= fits(++latest);
    if (fires) times.push_back(at);
  }
  return times;
}

TEST(CronTest, AgreesWithAWalkThroughEveryMinuteAroundChangesOfTheClock) {
  std::mt19937 random(20240310);
  const auto some = [&](int below, int count) {
    std::set<int> chosen;
    for (int i = 0; i < count; ++i) chosen.insert(random() % below);
    return chosen;
  };
  const std::pair<const char*, const char*> changes[] = {
      {"America/New_York", "2024-03-09 00:00:00"},
      {"America/New_York", "2024-11-02 00:00:00"},
      {"Europe/Berlin", "2024-03-30 00:00:00"},
      {"Europe/Berlin", "2024-10-26 00:00:00"},
      {"Australia/Lord_Howe", "2024-04-06 00:00:00"},  // by half an hour
      {"America/Santiago", "2024-09-07 00:00:00"},     // at midnight
  };
  int compared = 0;
  for (const auto& [zone_name, start] : changes) {
    const absl::TimeZone zone = Zone(zone_name);
    const absl::Time from = Local(start, zone);
    const absl::Time to = from + absl::Hours(72);
    for (int i = 0; i < 20; ++i) {
      const std::set<int> minutes = some(60, 1 + i % 4);
      const std::set<int> hours = some(24, 1 + i % 12);
      const std::string text =
          absl::StrCat(absl::StrJoin(minutes, ","), " ",
                       absl::StrJoin(hours, ","), " * * *");
      const Cron cron = Cron::Parse(text).value();
      std::vector<absl::Time> times;
      for (absl::Time at = cron.NextAfter(from - absl::Nanoseconds(1), zone);
           at <= to; at = cron.NextAfter(at, zone)) {
        times.push_back(at);
      }
      EXPECT_EQ(times, FireTimesByWalking(minutes, hours, from, to, zone))
          << text << " in " << zone_name;
      compared += times.size();
    }
  }
  EXPECT_GT(compared, 1000);
}

TEST(CronTest, RefusesAValueOutOfRangeNamingFieldValueAndRange) {
  EXPECT_EQ(ErrorOf("61 * * * *"),
            "cron \"61 * * * *\": minute 61 is outside 0 to 59");
  EXPECT_EQ(ErrorOf("0 24 * * *"),
            "cron \"0 24 * * *\": hour 24 is outside 0 to 23");
  EXPECT_EQ(ErrorOf("0 0 0 * *"),
            "cron \"0 0 0 * *\": day of the month 0 is outside 1 to 31");
  EXPECT_EQ(ErrorOf("0 0 * 13 *"),
            "cron \"0 0 * 13 *\": month 13 is outside 1 to 12");
}

TEST(CronTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(ErrorOf("x * * * *"),
            "cron \"x * * * *\": minute \"x\" is not a number");
  EXPECT_EQ(ErrorOf("0 0 * * MOM"),
            "cron \"0 0 * * MOM\": weekday \"MOM\" is not a number or a name "
            "such as MON");
  EXPECT_EQ(ErrorOf("0 0 1,,2 * *"),
            "cron \"0 0 1,,2 * *\": day of the month \"\" is not a number");
}

TEST(CronTest, ARangeRunsOverTheEndOfItsField) {
  EXPECT_THAT(Next("0 22-2/2 * * *", "2024-01-01 12:00:00", 3),
              ElementsAre("Mon 2024-01-01 22:00:00 +0000",
                          "Tue 2024-01-02 00:00:00 +0000",
                          "Tue 2024-01-02 02:00:00 +0000"));
  EXPECT_EQ(Next("0 0 * * FRI-MON", "2024-01-01 00:00:00", 6),
            Next("0 0 * * 0,1,5,6", "2024-01-01 00:00:00", 6));
  EXPECT_EQ(Next("0 0 * * SAT-SUN", "2024-01-01 00:00:00", 6),
            Next("0 0 * * 0,6", "2024-01-01 00:00:00", 6));
  EXPECT_EQ(Next("0 0 1 NOV-FEB *", "2024-01-01 00:00:00", 6),
            Next("0 0 1 1,2,11,12 *", "2024-01-01 00:00:00", 6));
}

TEST(CronTest, NamesMayBeWrittenInFull) {
  EXPECT_EQ(Next("0 0 1 january *", "2024-01-01 00:00:00", 2),
            Next("0 0 1 JAN *", "2024-01-01 00:00:00", 2));
  EXPECT_EQ(Next("0 0 * * Monday-Friday", "2024-01-01 00:00:00", 6),
            Next("0 0 * * 1-5", "2024-01-01 00:00:00", 6));
}

TEST(CronTest, FindsTheSecondFridayOfAMonth) {
  for (const char* weekday : {"5#2", "FRI#2", "Friday#2"}) {
    EXPECT_THAT(
        Next(absl::StrCat("30 8 * * ", weekday), "2024-01-01 00:00:00", 3),
        ElementsAre("Fri 2024-01-12 08:30:00 +0000",
                    "Fri 2024-02-09 08:30:00 +0000",
                    "Fri 2024-03-08 08:30:00 +0000"))
        << weekday;
  }
}

TEST(CronTest, PassesOverMonthsWithoutAFifthOfAWeekday) {
  EXPECT_THAT(Next("0 0 ? * MON#5", "2024-01-01 00:00:00", 2),
              ElementsAre("Mon 2024-01-29 00:00:00 +0000",
                          "Mon 2024-04-29 00:00:00 +0000"));
}

TEST(CronTest, FindsTheLastDayAndTheLastFridayOfAMonth) {
  EXPECT_THAT(Next("0 0 L * ?", "2024-01-31 12:00:00", 2),
              ElementsAre("Thu 2024-02-29 00:00:00 +0000",
                          "Sun 2024-03-31 00:00:00 +0000"));
  EXPECT_THAT(Next("0 0 * * 5L", "2024-01-27 00:00:00", 2),
              ElementsAre("Fri 2024-02-23 00:00:00 +0000",
                          "Fri 2024-03-29 00:00:00 +0000"));
  EXPECT_THAT(Next("0 0 15,L * *", "2024-02-01 00:00:00", 2),
              ElementsAre("Thu 2024-02-15 00:00:00 +0000",
                          "Thu 2024-02-29 00:00:00 +0000"));
}

TEST(CronTest, EveryCountsFromTheEpochWhateverTheZone) {
  EXPECT_THAT(Next("@every 6h", "2024-01-01 05:59:59", 3),
              ElementsAre("Mon 2024-01-01 06:00:00 +0000",
                          "Mon 2024-01-01 12:00:00 +0000",
                          "Mon 2024-01-01 18:00:00 +0000"));
  EXPECT_THAT(Next("@every 90m", "2024-03-10 00:00:00", 3, "America/New_York"),
              ElementsAre("Sun 2024-03-10 01:00:00 -0500",
                          "Sun 2024-03-10 03:30:00 -0400",
                          "Sun 2024-03-10 05:00:00 -0400"));
  EXPECT_EQ(Next("@every 2d", "2024-01-01 00:00:00", 4),
            Next("@every 48h", "2024-01-01 00:00:00", 4));
}

TEST(CronTest, RefusesATimeThatIsNoneForEvery) {
  for (const char* text : {"@every", "@every 30s", "@every 5", "@every -1h",
                           "@every 400d", "@every 90.5s"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("write @every 90m")) << text;
  }
}

TEST(CronTest, RefusesAStepThatFiresOnceAndSaysWhy) {
  EXPECT_EQ(
      ErrorOf("*/90 * * * *"),
      "cron \"*/90 * * * *\": minute \"*/90\" fires once in each hour, at 0, "
      "for 90 steps on lies beyond its end; write 0, or @every 90m for "
      "that long between two");
  EXPECT_THAT(ErrorOf("1/60 * * * *"), HasSubstr("write 1, or @every 60m"));
  EXPECT_THAT(ErrorOf("0 */24 * * *"), HasSubstr("@every 24h"));
  EXPECT_THAT(ErrorOf("0 0 */31 * *"), HasSubstr("write 1"));
  EXPECT_THAT(ErrorOf("0 8-10/5 * * *"), HasSubstr("beyond its end"));
}

TEST(CronTest, RefusesAStepThatIsNoPlainNumber) {
  for (const char* text : {"*/+5 * * * *", "*/ * * * *", "*/5.0 * * * *",
                           "*/-5 * * * *", "*/1e1 * * * *"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("is not a whole number from 1"))
        << text;
  }
}

TEST(CronTest, SaysWhereATimeZoneStands) {
  EXPECT_EQ(ErrorOf("TZ=Asia/Taipei 0 6 * * *"),
            "cron \"TZ=Asia/Taipei 0 6 * * *\": a time zone does not stand "
            "here; write time_zone: \"Asia/Taipei\" beside cron");
  EXPECT_THAT(ErrorOf("CRON_TZ=UTC @daily"), HasSubstr("time_zone: \"UTC\""));
}

TEST(CronTest, RefusesDaysThatOtherProgramsReadInTwoWays) {
  EXPECT_THAT(ErrorOf("0 0 15W * *"), HasSubstr("is not known"));
  EXPECT_THAT(ErrorOf("0 0 L-3 * *"), HasSubstr("is not known"));
  EXPECT_THAT(ErrorOf("0 0 * * L"), HasSubstr("write SAT, or 5L"));
  EXPECT_THAT(ErrorOf("0 0 * * 5#6"), HasSubstr("1 to 5"));
  EXPECT_THAT(ErrorOf("? 0 * * *"), HasSubstr("in a field of days"));
}

TEST(CronTest, RefusesAStepOfZero) {
  EXPECT_EQ(ErrorOf("*/0 * * * *"),
            "cron \"*/0 * * * *\": minute step \"0\" is not a whole number "
            "from 1");
}

TEST(CronTest, RefusesAnotherNumberOfFields) {
  EXPECT_EQ(ErrorOf("0 0 *"),
            "cron \"0 0 *\": 3 fields; write five (minute hour day month "
            "weekday), or six with seconds first");
}

TEST(CronTest, RefusesADayThatNoMonthHas) {
  EXPECT_EQ(ErrorOf("0 0 31 2 *"),
            "cron \"0 0 31 2 *\": no month it names has such a day; change the "
            "day of the month or the month");
  EXPECT_TRUE(Cron::Parse("0 0 31 2 MON").ok());
  EXPECT_TRUE(Cron::Parse("0 0 29 2 *").ok());
}

TEST(CronTest, RefusesAnUnknownNickname) {
  EXPECT_EQ(ErrorOf("@reboot"),
            "cron \"@reboot\": \"@reboot\" is not known; write @yearly, "
            "@monthly, @weekly, @daily, @hourly, @every 6h, or five fields");
}

TEST(CronTest, RefusesAnUnknownTimeZone) {
  EXPECT_EQ(LoadTimeZone("Europe/Atlantis").status().message(),
            "unknown time zone \"Europe/Atlantis\"; write an IANA name such as "
            "\"America/New_York\" (the system's tzdata must be installed)");
}

}  // namespace
}  // namespace headway::schedule
