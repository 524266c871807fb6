// Where an axis is marked, and with what. Pure functions.
#ifndef HEADWAY_DAEMON_CHART_TICKS_H_
#define HEADWAY_DAEMON_CHART_TICKS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::chart {

struct NumberTick {
  double value = 0;
  std::string label;
};

// Round numbers, evenly spaced, the first at or below `low` and the last at or
// above `high`; about `count` of them. All labels have as many decimals as the
// step needs. `low` <= `high`, both finite.
std::vector<NumberTick> NumberTicks(double low, double high, int count);

struct PeriodTick {
  // Among the labels.
  size_t place = 0;
  std::string label;
};

// Which of the periods are labelled, so that no more than `most` are: years
// that are multiples of a round number, first months and quarters of years by
// the year alone, else every so many.
std::vector<PeriodTick> PeriodTicks(absl::Span<const std::string> labels,
                                    size_t most);

}  // namespace headway::chart

#endif  // HEADWAY_DAEMON_CHART_TICKS_H_
