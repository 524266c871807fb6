#include "daemon/series/step_axis.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace headway::series {
namespace {

constexpr int32_t kDaysOfWeek = 7;
constexpr int32_t kLeastSpan = 3 * kDaysOfWeek;
// Of the days that are not left out, one in so many may lack: holidays.
constexpr double kLeastFilled = 0.6;

// Day 0, 1970-01-01, was a Thursday.
int32_t DaysSinceMonday(int32_t ordinal) { return ordinal + 3; }

int32_t FloorOf(int32_t a, int32_t b) { return a / b - (a % b < 0 ? 1 : 0); }

int32_t WeekdayOf(int32_t ordinal) {
  const int32_t days = DaysSinceMonday(ordinal);
  return days - FloorOf(days, kDaysOfWeek) * kDaysOfWeek;
}

}  // namespace

StepAxis::StepAxis(const Observations& observations)
    : frequency_(observations.frequency), weekdays_({0, 1, 2, 3, 4, 5, 6}) {
  const int32_t span =
      observations.ordinals.back() - observations.ordinals.front() + 1;
  if (frequency_ != Frequency::kDaily || span < kLeastSpan) return;
  std::array<bool, kDaysOfWeek> has = {};
  for (const int32_t ordinal : observations.ordinals) {
    has[WeekdayOf(ordinal)] = true;
  }
  const auto days = std::count(has.begin(), has.end(), true);
  const double possible = static_cast<double>(span) * days / kDaysOfWeek;
  if (static_cast<double>(observations.size()) < kLeastFilled * possible) {
    return;
  }
  weekdays_.clear();
  for (int day = 0; day < kDaysOfWeek; ++day) {
    if (has[day]) weekdays_.push_back(day);
  }
}

int StepAxis::season() const {
  return leaves_out_days() ? static_cast<int>(weekdays_.size())
                           : SeasonLength(frequency_);
}

int32_t StepAxis::StepOf(int32_t ordinal) const {
  if (!leaves_out_days()) return ordinal;
  const auto count = static_cast<int32_t>(weekdays_.size());
  const auto place =
      std::lower_bound(weekdays_.begin(), weekdays_.end(), WeekdayOf(ordinal));
  return FloorOf(DaysSinceMonday(ordinal), kDaysOfWeek) * count +
         static_cast<int32_t>(place - weekdays_.begin());
}

int32_t StepAxis::OrdinalOf(int32_t step) const {
  if (!leaves_out_days()) return step;
  const auto count = static_cast<int32_t>(weekdays_.size());
  const int32_t week = FloorOf(step, count);
  return week * kDaysOfWeek + weekdays_[step - week * count] - 3;
}

std::vector<double> WithGaps(const Observations& observations,
                             const StepAxis& axis) {
  const int32_t first = axis.StepOf(observations.ordinals.front());
  std::vector<double> values(
      static_cast<size_t>(axis.StepOf(observations.ordinals.back())) - first +
          1,
      std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < observations.size(); ++i) {
    values[axis.StepOf(observations.ordinals[i]) - first] =
        observations.values[i];
  }
  return values;
}

}  // namespace headway::series
