// Frequencies and periods: the time axis of a series.
//
// A Period is the span that an observation speaks of, held as an integer
// ordinal at a frequency, so that period arithmetic is integer arithmetic:
//
//   frequency   text          ordinal
//   annual      2024          the year
//   semiannual  2024-S1       half-years since 1970-S1
//   quarterly   2024-Q1       quarters since 1970-Q1
//   monthly     2024-03       months since 1970-01
//   weekly      2024-W09      ISO 8601 weeks since the one of 1970-01-01
//   daily       2024-03-05    days since 1970-01-01
//
// Mixed frequencies are never compared or added silently: two periods of
// different frequencies are unequal, and Resample in query/ is explicit.
// Value types; all functions are pure.
#ifndef HEADWAY_DAEMON_SERIES_PERIOD_H_
#define HEADWAY_DAEMON_SERIES_PERIOD_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace headway::series {

// The years in which periods may lie, and the first in which a value may have
// been known.
inline constexpr int kFirstYear = 1600;
inline constexpr int kLastYear = 2400;
// Whatever comes into the house may speak of periods this far ahead: a period
// beyond is a mistyped year, not data.
inline constexpr int kMaxYearsAhead = 50;

// The numbers are part of the store's format and of the protos: keep them.
enum class Frequency : uint8_t {
  kAnnual = 1,
  kQuarterly = 2,
  kMonthly = 3,
  kWeekly = 4,
  kDaily = 5,
  kSemiannual = 6,  // half-years
};
// From the coarsest to the finest, which their numbers are not.
inline constexpr std::array<Frequency, 6> kFrequencies = {
    Frequency::kAnnual,  Frequency::kSemiannual, Frequency::kQuarterly,
    Frequency::kMonthly, Frequency::kWeekly,     Frequency::kDaily};
// Whether a frequency has that number.
bool IsFrequency(uint8_t number);

// "annual", "semiannual", "quarterly", "monthly", "weekly", "daily".
absl::string_view FrequencyName(Frequency frequency);
// Understands those names and the letters A, S, Q, M, W, D, as SDMX has them.
absl::StatusOr<Frequency> ParseFrequency(absl::string_view text);
// Periods in a seasonal cycle of one year, and of a week for daily data:
// 1, 2, 4, 12, 52, 7.
int SeasonLength(Frequency frequency);
// Periods in a year: 1, 2, 4, 12, 52, 365.
int PeriodsPerYear(Frequency frequency);
// Whether `a` has longer periods than `b`.
inline bool IsCoarser(Frequency a, Frequency b) {
  return PeriodsPerYear(a) < PeriodsPerYear(b);
}

struct Period {
  Frequency frequency = Frequency::kAnnual;
  int32_t ordinal = 0;

  friend bool operator==(const Period&, const Period&) = default;
};

// Parses any of the texts above; the form decides the frequency. The error
// names the text and what is wrong with it.
absl::StatusOr<Period> ParsePeriod(absl::string_view text);
// Parses, and requires the frequency.
absl::StatusOr<Period> ParsePeriod(absl::string_view text, Frequency frequency);
std::string FormatPeriod(Period period);

// The period of `frequency` that contains `day`.
Period PeriodContaining(Frequency frequency, absl::CivilDay day);
// The first day of the period, and the first day after it.
absl::CivilDay FirstDay(Period period);
absl::CivilDay EndDay(Period period);
// The instant at which the period is over: midnight UTC of EndDay.
absl::Time EndTime(Period period);
// Whether the period begins in the years kFirstYear to kLastYear.
bool IsInRange(Period period);
// The last period that is taken in at `now`: the one that holds the last day
// of the calendar year (UTC) that comes kMaxYearsAhead after the present one.
Period LatestAccepted(Frequency frequency, absl::Time now);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_PERIOD_H_
