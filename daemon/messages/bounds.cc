#include "daemon/messages/bounds.h"

#include "absl/strings/str_cat.h"
#include "daemon/messages/errors.h"

namespace headway::messages {

absl::StatusOr<PeriodBounds> ToPeriodBounds(absl::string_view first_period,
                                            absl::string_view last_period,
                                            series::Frequency frequency) {
  PeriodBounds bounds;
  if (!first_period.empty()) {
    auto period = series::ParsePeriod(first_period, frequency);
    if (!period.ok()) return AtField("first_period", period.status());
    bounds.first = period->ordinal;
  }
  if (!last_period.empty()) {
    auto period = series::ParsePeriod(last_period, frequency);
    if (!period.ok()) return AtField("last_period", period.status());
    bounds.last = period->ordinal;
  }
  if (bounds.first > bounds.last) {
    return FieldError("first_period", absl::StrCat("\"", first_period,
                                                   "\" is after last_period \"",
                                                   last_period, "\""));
  }
  return bounds;
}

absl::StatusOr<DayBounds> ToDayBounds(absl::string_view first_period,
                                      absl::string_view last_period) {
  DayBounds days;
  if (!first_period.empty()) {
    auto period = series::ParsePeriod(first_period);
    if (!period.ok()) return AtField("first_period", period.status());
    days.first = series::FirstDay(*period);
  }
  if (!last_period.empty()) {
    auto period = series::ParsePeriod(last_period);
    if (!period.ok()) return AtField("last_period", period.status());
    days.end = series::EndDay(*period);
  }
  if (days.first && days.end && *days.first >= *days.end) {
    return FieldError("first_period", absl::StrCat("\"", first_period,
                                                   "\" is after last_period \"",
                                                   last_period, "\""));
  }
  return days;
}

PeriodBounds PeriodsWithin(const DayBounds& days, series::Frequency frequency) {
  PeriodBounds bounds;
  if (days.first) {
    const auto period = series::PeriodContaining(frequency, *days.first);
    const bool begins_before = series::FirstDay(period) < *days.first;
    bounds.first = period.ordinal + (begins_before ? 1 : 0);
  }
  if (days.end) {
    bounds.last = series::PeriodContaining(frequency, *days.end).ordinal - 1;
  }
  return bounds;
}

series::Observations Clip(const series::Observations& column,
                          const PeriodBounds& bounds) {
  series::Observations clipped;
  clipped.frequency = column.frequency;
  clipped.known_at = column.known_at;
  for (size_t i = 0; i < column.size(); ++i) {
    if (!bounds.Contains(column.ordinals[i])) continue;
    series::AppendStatus(series::StatusAt(column.statuses, i), clipped.size(),
                         &clipped.statuses);
    clipped.ordinals.push_back(column.ordinals[i]);
    clipped.values.push_back(column.values[i]);
  }
  return clipped;
}

}  // namespace headway::messages
