// What the calendar makes of a period: its working days, and its share of the
// days around the lunar new year, which moves between January and February and
// with it the trade of a large part of Asia. Pure functions.
#ifndef HEADWAY_DAEMON_SERIES_CALENDAR_H_
#define HEADWAY_DAEMON_SERIES_CALENDAR_H_

#include <set>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "daemon/series/period.h"

namespace headway::series {

// The days of the period from Monday to Friday that are none of `holidays`.
int WorkingDays(Period period, const std::set<absl::CivilDay>& holidays);

// The years whose new year is computed: from the year after China took the time
// of the 120th meridian to the end of the century.
inline constexpr int kFirstLunarYear = 1930;
inline constexpr int kLastLunarYear = 2100;

// The first day of the Chinese year that begins in `year`, by the rules that
// are in force in China (GB/T 33661-2017; Aslaksen 2010, "The Mathematics of
// the Chinese Calendar"): months begin on the day of the new moon in the time
// of UTC+8; the eleventh holds the winter solstice; where thirteen months lie
// between two such, the first that the sun enters no sign in is a leap month.
// New moons and the sun by Meeus 1998, "Astronomical Algorithms", chapters 25
// and 49. OUT_OF_RANGE: a year outside those above.
absl::StatusOr<absl::CivilDay> LunarNewYear(int year);

// The share of the days of the period that lie in a window around a lunar new
// year: from `before` days before the first day of the year up to, and not
// with, `after` days after it. OUT_OF_RANGE as above.
absl::StatusOr<double> LunarNewYearShare(Period period, int before, int after);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_CALENDAR_H_
