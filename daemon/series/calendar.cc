#include "daemon/series/calendar.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::series {
namespace {

constexpr double kRadians = M_PI / 180;
// The Julian day of 1970-01-01 00:00, and of 2000-01-01 12:00.
constexpr double kUnixEpoch = 2440587.5;
constexpr double kJ2000 = 2451545.0;
constexpr double kDaysPerCentury = 36525;
constexpr double kMeanMonth = 29.530588861;
// UTC+8, in days.
constexpr double kChina = 8.0 / 24;

double SineOf(double degrees) { return std::sin(degrees * kRadians); }

// What terrestrial time is ahead of universal time by, in days: Espenak, Meeus
// 2006, "Five Millennium Canon of Solar Eclipses" (NASA/TP-2006-214141).
double DeltaT(double year) {
  double seconds = 0;
  if (year < 1941) {
    const double t = year - 1920;
    seconds = 21.20 + 0.84493 * t - 0.076100 * t * t + 0.0020936 * t * t * t;
  } else if (year < 1961) {
    const double t = year - 1950;
    seconds = 29.07 + 0.407 * t - t * t / 233 + t * t * t / 2547;
  } else if (year < 1986) {
    const double t = year - 1975;
    seconds = 45.45 + 1.067 * t - t * t / 260 - t * t * t / 718;
  } else if (year < 2005) {
    const double t = year - 2000;
    seconds = 63.86 + 0.3345 * t - 0.060374 * t * t + 0.0017275 * t * t * t +
              0.000651814 * t * t * t * t + 0.00002373599 * t * t * t * t * t;
  } else if (year < 2050) {
    const double t = year - 2000;
    seconds = 62.92 + 0.32217 * t + 0.005589 * t * t;
  } else {
    const double u = (year - 1820) / 100;
    seconds = -20 + 32 * u * u - 0.5628 * (2150 - year);
  }
  return seconds / 86400;
}

double YearOf(double julian_day) {
  return 2000 + (julian_day - kJ2000) / 365.25;
}

// The day in China, counted from 1970-01-01, of an instant in terrestrial time.
int64_t ChineseDay(double instant) {
  return static_cast<int64_t>(
      std::floor(instant - DeltaT(YearOf(instant)) + kChina - kUnixEpoch));
}

// The instant at which that day begins in China.
double StartOfDay(int64_t day) {
  const double universal = static_cast<double>(day) + kUnixEpoch - kChina;
  return universal + DeltaT(YearOf(universal));
}

// The apparent longitude of the sun in degrees, to a hundredth of a degree
// (Meeus, chapter 25).
double SunAt(double instant) {
  const double t = (instant - kJ2000) / kDaysPerCentury;
  const double mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t;
  const double anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t;
  const double centre =
      (1.914602 - 0.004817 * t - 0.000014 * t * t) * SineOf(anomaly) +
      (0.019993 - 0.000101 * t) * SineOf(2 * anomaly) +
      0.000289 * SineOf(3 * anomaly);
  const double node = 125.04 - 1934.136 * t;
  const double longitude = mean + centre - 0.00569 - 0.00478 * SineOf(node);
  return longitude - 360 * std::floor(longitude / 360);
}

// The new moon of that number, counted from the one of 2000-01-06, to about a
// minute (Meeus, chapter 49).
double NewMoon(int number) {
  const double k = number;
  const double t = k / 1236.85;
  const double t2 = t * t;
  const double e = 1 - 0.002516 * t - 0.0000074 * t2;
  const double sun = 2.5534 + 29.10535670 * k - 0.0000014 * t2;
  const double moon = 201.5643 + 385.81693528 * k + 0.0107582 * t2;
  const double latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t2;
  const double node = 124.7746 - 1.56375588 * k + 0.0020672 * t2;
  const double periodic =
      -0.40720 * SineOf(moon) + 0.17241 * e * SineOf(sun) +
      0.01608 * SineOf(2 * moon) + 0.01039 * SineOf(2 * latitude) +
      0.00739 * e * SineOf(moon - sun) - 0.00514 * e * SineOf(moon + sun) +
      0.00208 * e * e * SineOf(2 * sun) -
      0.00111 * SineOf(moon - 2 * latitude) -
      0.00057 * SineOf(moon + 2 * latitude) +
      0.00056 * e * SineOf(2 * moon + sun) - 0.00042 * SineOf(3 * moon) +
      0.00042 * e * SineOf(sun + 2 * latitude) +
      0.00038 * e * SineOf(sun - 2 * latitude) -
      0.00024 * e * SineOf(2 * moon - sun) - 0.00017 * SineOf(node);
  const double planets = 0.000325 * SineOf(299.77 + 0.107408 * k) +
                         0.000165 * SineOf(251.88 + 0.016321 * k) +
                         0.000164 * SineOf(251.83 + 26.651886 * k) +
                         0.000126 * SineOf(349.42 + 36.412478 * k) +
                         0.000110 * SineOf(84.66 + 18.206239 * k);
  return 2451550.09766 + kMeanMonth * k + 0.00015437 * t2 + periodic + planets;
}

int64_t FirstDayOfMonth(int number) { return ChineseDay(NewMoon(number)); }

// The number of the last month that begins on or before the day.
int MonthOf(int64_t day) {
  int number = static_cast<int>(
                   std::floor((StartOfDay(day) - 2451550.09766) / kMeanMonth)) +
               2;
  while (FirstDayOfMonth(number) > day) --number;
  return number;
}

// The day on which the sun reaches its southernmost point in the year.
int64_t WinterSolstice(int year) {
  const absl::CivilDay epoch(1970, 1, 1);
  int64_t day = absl::CivilDay(year, 12, 19) - epoch;
  while (SunAt(StartOfDay(day + 1)) < 270) ++day;
  return day;
}

// Which of the twelve signs the sun stands in at the beginning of the month.
int SignAtStartOf(int month) {
  return static_cast<int>(SunAt(StartOfDay(FirstDayOfMonth(month))) / 30);
}

bool IsWithoutSign(int month) {
  return SignAtStartOf(month) == SignAtStartOf(month + 1);
}

}  // namespace

int WorkingDays(Period period, const std::set<absl::CivilDay>& holidays) {
  int days = 0;
  for (absl::CivilDay day = FirstDay(period); day < EndDay(period); ++day) {
    const absl::Weekday weekday = absl::GetWeekday(day);
    const bool is_weekend =
        weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
    if (!is_weekend && holidays.count(day) == 0) ++days;
  }
  return days;
}

absl::StatusOr<absl::CivilDay> LunarNewYear(int year) {
  if (year < kFirstLunarYear || year > kLastLunarYear) {
    return absl::OutOfRangeError(
        absl::StrCat("the lunar new year of ", year, " is not known; those of ",
                     kFirstLunarYear, " to ", kLastLunarYear, " are"));
  }
  const int eleventh = MonthOf(WinterSolstice(year - 1));
  const int next_eleventh = MonthOf(WinterSolstice(year));
  int first = eleventh + 2;
  // The leap month may come after the eleventh or the twelfth.
  if (next_eleventh - eleventh == 13 &&
      (IsWithoutSign(eleventh + 1) || IsWithoutSign(eleventh + 2))) {
    ++first;
  }
  return absl::CivilDay(1970, 1, 1) + FirstDayOfMonth(first);
}

absl::StatusOr<double> LunarNewYearShare(Period period, int before, int after) {
  const absl::CivilDay first = FirstDay(period);
  const absl::CivilDay end = EndDay(period);
  int64_t within = 0;
  // A window may reach over the end of its year.
  const auto first_year = static_cast<int>((first - after).year());
  const auto last_year = static_cast<int>((end + before).year());
  for (int year = first_year; year <= last_year; ++year) {
    ASSIGN_OR_RETURN(const absl::CivilDay new_year, LunarNewYear(year));
    within += std::max<int64_t>(0, std::min(end, new_year + after) -
                                       std::max(first, new_year - before));
  }
  return static_cast<double>(within) / static_cast<double>(end - first);
}

}  // namespace headway::series
