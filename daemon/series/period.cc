#include "daemon/series/period.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"

namespace headway::series {
namespace {

const absl::CivilDay kEpochDay(1970, 1, 1);
// The Monday of the ISO week that holds the epoch day.
const absl::CivilDay kEpochMonday(1969, 12, 29);

int32_t FloorDiv(int64_t a, int64_t b) {
  return static_cast<int32_t>(a >= 0 ? a / b : -((b - 1 - a) / b));
}

absl::Status MalformedPeriod(absl::string_view text,
                             absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("period \"", text, "\": ", problem,
                   "; write 2024, 2024-S1, 2024-Q1, 2024-03, 2024-W09 or "
                   "2024-03-05"));
}

// Reads exactly `digits` digits at `pos`.
bool ReadDigits(absl::string_view text, size_t pos, size_t digits, int* value) {
  if (text.size() < pos + digits) return false;
  *value = 0;
  for (size_t i = pos; i < pos + digits; ++i) {
    if (!absl::ascii_isdigit(text[i])) return false;
    *value = *value * 10 + (text[i] - '0');
  }
  return true;
}

// The Monday that starts ISO week 1 of a year: the week of 4 January.
absl::CivilDay FirstIsoMonday(int year) {
  return absl::PrevWeekday(absl::CivilDay(year, 1, 5), absl::Weekday::monday);
}

absl::StatusOr<Period> ParseWeek(absl::string_view text, int year) {
  int week = 0;
  if (text.size() != 8 || !ReadDigits(text, 6, 2, &week)) {
    return MalformedPeriod(text, "a week has two digits");
  }
  absl::CivilDay monday = FirstIsoMonday(year) + (week - 1) * 7;
  if (week < 1 || monday >= FirstIsoMonday(year + 1)) {
    return MalformedPeriod(
        text, absl::StrCat("the year ", year, " has no week ", week));
  }
  return PeriodContaining(Frequency::kWeekly, monday);
}

absl::StatusOr<Period> ParseMonthOrDay(absl::string_view text, int year) {
  int month = 0;
  if (!ReadDigits(text, 5, 2, &month) || month < 1 || month > 12) {
    return MalformedPeriod(text, "a month is 01 to 12");
  }
  if (text.size() == 7) {
    return Period{Frequency::kMonthly, (year - 1970) * 12 + month - 1};
  }
  int day = 0;
  if (text.size() != 10 || text[7] != '-' || !ReadDigits(text, 8, 2, &day)) {
    return MalformedPeriod(text, "not a period");
  }
  absl::CivilDay civil(year, month, day);
  // CivilDay carries 31 February over into March.
  if (civil.month() != month || civil.day() != day) {
    return MalformedPeriod(text, "there is no such day");
  }
  return PeriodContaining(Frequency::kDaily, civil);
}

char Digit(int number) { return static_cast<char>('0' + number); }

void AppendTwoDigits(int number, std::string* text) {
  *text += {Digit(number / 10), Digit(number % 10)};
}

// With four digits at least: periods are formatted by the million.
std::string FormatYear(absl::civil_year_t year) {
  if (year < 1000 || year > 9999) return absl::StrFormat("%04d", year);
  std::string text;
  AppendTwoDigits(static_cast<int>(year / 100), &text);
  AppendTwoDigits(static_cast<int>(year % 100), &text);
  return text;
}

}  // namespace

bool IsFrequency(uint8_t number) {
  return std::find(kFrequencies.begin(), kFrequencies.end(),
                   static_cast<Frequency>(number)) != kFrequencies.end();
}

absl::string_view FrequencyName(Frequency frequency) {
  switch (frequency) {
    case Frequency::kAnnual:
      return "annual";
    case Frequency::kSemiannual:
      return "semiannual";
    case Frequency::kQuarterly:
      return "quarterly";
    case Frequency::kMonthly:
      return "monthly";
    case Frequency::kWeekly:
      return "weekly";
    case Frequency::kDaily:
      return "daily";
  }
  return "unknown";
}

absl::StatusOr<Frequency> ParseFrequency(absl::string_view text) {
  for (Frequency frequency : kFrequencies) {
    absl::string_view name = FrequencyName(frequency);
    if (text == name ||
        (text.size() == 1 && text[0] == absl::ascii_toupper(name[0]))) {
      return frequency;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "frequency \"", text,
      "\" is unknown; write annual, semiannual, quarterly, monthly, weekly or "
      "daily, or their first letters A, S, Q, M, W, D"));
}

int SeasonLength(Frequency frequency) {
  return frequency == Frequency::kDaily ? 7 : PeriodsPerYear(frequency);
}

int PeriodsPerYear(Frequency frequency) {
  switch (frequency) {
    case Frequency::kAnnual:
      return 1;
    case Frequency::kSemiannual:
      return 2;
    case Frequency::kQuarterly:
      return 4;
    case Frequency::kMonthly:
      return 12;
    case Frequency::kWeekly:
      return 52;
    case Frequency::kDaily:
      return 365;
  }
  return 1;
}

absl::StatusOr<Period> ParsePeriod(absl::string_view text) {
  int year = 0;
  if (!ReadDigits(text, 0, 4, &year)) {
    return MalformedPeriod(text,
                           "it does not start with a year of four digits");
  }
  if (year < kFirstYear || year > kLastYear) {
    return MalformedPeriod(text, absl::StrCat("the year is not within ",
                                              kFirstYear, " to ", kLastYear));
  }
  if (text.size() == 4) return Period{Frequency::kAnnual, year};
  if (text[4] != '-' || text.size() < 7) {
    return MalformedPeriod(text, "not a period");
  }
  if (text[5] == 'Q') {
    if (text.size() != 7 || text[6] < '1' || text[6] > '4') {
      return MalformedPeriod(text, "a quarter is Q1 to Q4");
    }
    return Period{Frequency::kQuarterly, (year - 1970) * 4 + (text[6] - '1')};
  }
  if (text[5] == 'S') {
    if (text.size() != 7 || text[6] < '1' || text[6] > '2') {
      return MalformedPeriod(text, "a half-year is S1 or S2");
    }
    return Period{Frequency::kSemiannual, (year - 1970) * 2 + (text[6] - '1')};
  }
  if (text[5] == 'W') return ParseWeek(text, year);
  return ParseMonthOrDay(text, year);
}

absl::StatusOr<Period> ParsePeriod(absl::string_view text,
                                   Frequency frequency) {
  ASSIGN_OR_RETURN(Period period, ParsePeriod(text));
  if (period.frequency != frequency) {
    return absl::InvalidArgumentError(absl::StrCat(
        "period \"", text, "\" is ", FrequencyName(period.frequency),
        ", but the series is ", FrequencyName(frequency)));
  }
  return period;
}

std::string FormatPeriod(Period period) {
  const absl::CivilDay first = FirstDay(period);
  std::string text;
  switch (period.frequency) {
    case Frequency::kAnnual:
      return FormatYear(first.year());
    case Frequency::kSemiannual:
      text = FormatYear(first.year());
      text += {'-', 'S', Digit((first.month() - 1) / 6 + 1)};
      return text;
    case Frequency::kQuarterly:
      text = FormatYear(first.year());
      text += {'-', 'Q', Digit((first.month() - 1) / 3 + 1)};
      return text;
    case Frequency::kMonthly:
      text = FormatYear(first.year());
      text += '-';
      AppendTwoDigits(first.month(), &text);
      return text;
    case Frequency::kWeekly: {
      // An ISO week belongs to the year that holds its Thursday.
      const int year = static_cast<int>((first + 3).year());
      text = FormatYear(year);
      text += {'-', 'W'};
      AppendTwoDigits(static_cast<int>((first - FirstIsoMonday(year)) / 7 + 1),
                      &text);
      return text;
    }
    case Frequency::kDaily:
      text = FormatYear(first.year());
      text += '-';
      AppendTwoDigits(first.month(), &text);
      text += '-';
      AppendTwoDigits(first.day(), &text);
      return text;
  }
  return "";
}

Period PeriodContaining(Frequency frequency, absl::CivilDay day) {
  int32_t ordinal = 0;
  switch (frequency) {
    case Frequency::kAnnual:
      ordinal = static_cast<int32_t>(day.year());
      break;
    case Frequency::kSemiannual:
      ordinal =
          static_cast<int32_t>((day.year() - 1970) * 2 + (day.month() - 1) / 6);
      break;
    case Frequency::kQuarterly:
      ordinal =
          static_cast<int32_t>((day.year() - 1970) * 4 + (day.month() - 1) / 3);
      break;
    case Frequency::kMonthly:
      ordinal =
          static_cast<int32_t>((day.year() - 1970) * 12 + day.month() - 1);
      break;
    case Frequency::kWeekly:
      ordinal = FloorDiv(day - kEpochMonday, 7);
      break;
    case Frequency::kDaily:
      ordinal = static_cast<int32_t>(day - kEpochDay);
      break;
  }
  return Period{frequency, ordinal};
}

absl::CivilDay FirstDay(Period period) {
  switch (period.frequency) {
    case Frequency::kAnnual:
      return absl::CivilDay(period.ordinal, 1, 1);
    case Frequency::kSemiannual:
      return absl::CivilDay(absl::CivilMonth(1970, 1) + period.ordinal * 6);
    case Frequency::kQuarterly:
      return absl::CivilDay(absl::CivilMonth(1970, 1) + period.ordinal * 3);
    case Frequency::kMonthly:
      return absl::CivilDay(absl::CivilMonth(1970, 1) + period.ordinal);
    case Frequency::kWeekly:
      return kEpochMonday + int64_t{7} * period.ordinal;
    case Frequency::kDaily:
      return kEpochDay + period.ordinal;
  }
  return kEpochDay;
}

absl::CivilDay EndDay(Period period) {
  return FirstDay(Period{period.frequency, period.ordinal + 1});
}

absl::Time EndTime(Period period) {
  return absl::FromCivil(EndDay(period), absl::UTCTimeZone());
}

bool IsInRange(Period period) {
  // Bounds on the ordinal first: civil arithmetic on a hostile ordinal is
  // needless work.
  if (period.ordinal < -400000 || period.ordinal > 400000) return false;
  absl::CivilDay first = FirstDay(period);
  return first.year() >= kFirstYear && first.year() <= kLastYear;
}

Period LatestAccepted(Frequency frequency, absl::Time now) {
  const int64_t year = absl::ToCivilYear(now, absl::UTCTimeZone()).year();
  const int64_t last = std::clamp<int64_t>(year, kFirstYear - kMaxYearsAhead,
                                           kLastYear - kMaxYearsAhead) +
                       kMaxYearsAhead;
  return PeriodContaining(frequency, absl::CivilDay(last, 12, 31));
}

}  // namespace headway::series
