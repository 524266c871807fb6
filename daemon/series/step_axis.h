// The steps of a series from one value to the next.
//
// They are its periods, but for a daily series that never has values on some
// days of the week: exchange rates have none on weekends, and so has no
// forecast of them. Its steps are the days that it has.
//
// Immutable value type.
#ifndef HEADWAY_DAEMON_SERIES_STEP_AXIS_H_
#define HEADWAY_DAEMON_SERIES_STEP_AXIS_H_

#include <cstdint>
#include <vector>

#include "daemon/series/observations.h"
#include "daemon/series/period.h"

namespace headway::series {

class StepAxis {
 public:
  // Days of the week are left out if the observations, which are not empty, are
  // daily, span three weeks, have none of those days, and have most of the
  // others: few values tell nothing of where the next may lie.
  explicit StepAxis(const Observations& observations);

  bool leaves_out_days() const { return weekdays_.size() < 7; }
  // Steps in a seasonal cycle.
  int season() const;

  // Of a period that is on the axis.
  int32_t StepOf(int32_t ordinal) const;
  int32_t OrdinalOf(int32_t step) const;

 private:
  Frequency frequency_;
  // From Monday, 0; all seven where none is left out.
  std::vector<int> weekdays_;
};

// The values from the first step of their axis to the last, NaN where there is
// none. `observations` are not empty.
std::vector<double> WithGaps(const Observations& observations,
                             const StepAxis& axis);

}  // namespace headway::series

#endif  // HEADWAY_DAEMON_SERIES_STEP_AXIS_H_
