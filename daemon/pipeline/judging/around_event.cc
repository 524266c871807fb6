#include "daemon/pipeline/judging/around_event.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

absl::Status TakeLogarithms(std::vector<double>* values) {
  for (double& value : *values) {
    if (std::isnan(value)) continue;
    if (value <= 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("a value is ", value,
                       ", which has no logarithm; test the values themselves"));
    }
    value = 100 * std::log(value);
  }
  return absl::OkStatus();
}

// The place of the first value that is used.
absl::StatusOr<int> FirstPlace(const std::string& from,
                               const TestedValues& tested) {
  if (from.empty()) return 0;
  ASSIGN_OR_RETURN(const series::Period period, series::ParsePeriod(from));
  const series::Period first =
      series::PeriodContaining(tested.frequency, series::FirstDay(period));
  const int place = first.ordinal - tested.first;
  if (place >= static_cast<int>(tested.values.size())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the values end before ", from));
  }
  return std::max(place, 0);
}

// Leaves out the values of neither side, and returns the place of the first
// value after them.
int TakeOutNeither(const Event& event, const TestedValues& tested,
                   std::vector<double>* values) {
  const auto place_of = [&](absl::CivilDay day) {
    return series::PeriodContaining(tested.frequency, day).ordinal -
           tested.first;
  };
  const absl::CivilDay binds = event.effective.value_or(event.announced);
  const int last = place_of(binds);
  const bool is_cut =
      series::FirstDay({tested.frequency, last + tested.first}) < binds;
  const int after = is_cut ? last + 1 : last;
  const int end = std::min(after, static_cast<int>(values->size()));
  for (int i = std::max(place_of(event.known), 0); i < end; ++i) {
    (*values)[static_cast<size_t>(i)] = kNoValue;
  }
  return after;
}

}  // namespace

absl::StatusOr<UsedValues> UseValues(const TestedValues& tested,
                                     const std::string& from, bool relative,
                                     const Event* event) {
  UsedValues used;
  used.values = tested.values;
  if (relative) RETURN_IF_ERROR(TakeLogarithms(&used.values));
  used.options.by_year = series::PeriodsPerYear(tested.frequency);
  used.options.season = series::SeasonLength(tested.frequency);
  ASSIGN_OR_RETURN(const int first, FirstPlace(from, tested));
  if (event != nullptr) {
    used.options.event = TakeOutNeither(*event, tested, &used.values) - first;
  }
  used.values.erase(used.values.begin(), used.values.begin() + first);
  used.first = tested.first + first;
  return used;
}

}  // namespace headway::pipeline
