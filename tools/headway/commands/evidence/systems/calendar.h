// The periods of a calendar that a column of time stands for.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_CALENDAR_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_CALENDAR_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/series/period.h"

namespace headway::cli {

struct Calendar {
  std::vector<double> positions;
  // Absent where the positions are numbers that no calendar has.
  std::optional<series::Frequency> frequency;
};

// Of rising positions at a frequency, or as plain numbers without one: days
// that are one a month are months, 1947.25 is a quarter and 1939.0833 a month.
Calendar CalendarOf(const std::vector<double>& positions,
                    std::optional<series::Frequency> frequency);

// The position at `frequency` of a period of text, where that is no finer;
// of a coarser one its last. Decimal years are read, too.
std::optional<double> PositionAt(absl::string_view text,
                                 series::Frequency frequency);

// The first gap that breaks the step of one period: its place, the later one.
// Steps of days and weeks may vary, since markets close.
std::optional<size_t> FirstGap(const Calendar& calendar);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_CALENDAR_H_
