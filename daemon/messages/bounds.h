// The bounds on periods that requests give as texts: first_period and
// last_period, both inclusive; an empty text is open. Pure functions; errors
// name the request's field.
#ifndef HEADWAY_DAEMON_MESSAGES_BOUNDS_H_
#define HEADWAY_DAEMON_MESSAGES_BOUNDS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "daemon/series/observations.h"
#include "daemon/series/period.h"

namespace headway::messages {

// Ordinals at one frequency, both inclusive. Nothing lies within them where
// `first` comes after `last`.
struct PeriodBounds {
  int32_t first = INT32_MIN;
  int32_t last = INT32_MAX;

  bool Contains(int32_t ordinal) const {
    return first <= ordinal && ordinal <= last;
  }
};

// Both texts must be periods of `frequency`, the first not after the last.
absl::StatusOr<PeriodBounds> ToPeriodBounds(absl::string_view first_period,
                                            absl::string_view last_period,
                                            series::Frequency frequency);

// The first day of one period to the day after another; absent is open.
struct DayBounds {
  std::optional<absl::CivilDay> first;
  std::optional<absl::CivilDay> end;
};

// The texts may be periods of any frequency, and of two.
absl::StatusOr<DayBounds> ToDayBounds(absl::string_view first_period,
                                      absl::string_view last_period);

// The periods of `frequency` that lie wholly within the days.
PeriodBounds PeriodsWithin(const DayBounds& days, series::Frequency frequency);

// The part of a column within the bounds.
series::Observations Clip(const series::Observations& column,
                          const PeriodBounds& bounds);

}  // namespace headway::messages

#endif  // HEADWAY_DAEMON_MESSAGES_BOUNDS_H_
