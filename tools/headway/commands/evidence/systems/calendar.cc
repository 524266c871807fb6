#include "tools/headway/commands/evidence/systems/calendar.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "daemon/tables/periods/notation.h"

namespace headway::cli {
namespace {

using series::Frequency;

// Decimal years are rounded to a hundredth of a month.
constexpr double kRounding = 1e-3;

// Whether most steps are of one, and none is less.
bool FollowsStepByStep(const std::vector<double>& positions) {
  size_t ones = 0;
  for (size_t i = 1; i < positions.size(); ++i) {
    const double step = positions[i] - positions[i - 1];
    if (step < 1) return false;
    if (step == 1) ++ones;
  }
  return positions.size() > 1 && 2 * ones >= positions.size() - 1;
}

absl::CivilDay DayAt(double position) {
  return series::FirstDay({Frequency::kDaily, static_cast<int32_t>(position)});
}

std::optional<Calendar> DaysAs(const std::vector<double>& days,
                               Frequency frequency) {
  Calendar calendar{{}, frequency};
  for (double day : days) {
    calendar.positions.push_back(
        series::PeriodContaining(frequency, DayAt(day)).ordinal);
  }
  if (FollowsStepByStep(calendar.positions)) return calendar;
  return std::nullopt;
}

// 1947.25 as the second quarter of 1947, in periods since 1970.
std::optional<double> DecimalYear(double year, Frequency frequency) {
  if (!(year >= series::kFirstYear && year < series::kLastYear)) {
    return std::nullopt;
  }
  const int parts = series::PeriodsPerYear(frequency);
  const double exact = (year - 1970) * parts;
  const double position = std::round(exact);
  if (std::abs(exact - position) > kRounding * parts) return std::nullopt;
  return frequency == Frequency::kAnnual ? position + 1970 : position;
}

std::optional<Calendar> NumbersAs(const std::vector<double>& numbers,
                                  Frequency frequency) {
  Calendar calendar{{}, frequency};
  for (double number : numbers) {
    const std::optional<double> position = DecimalYear(number, frequency);
    if (!position.has_value()) return std::nullopt;
    calendar.positions.push_back(*position);
  }
  if (FollowsStepByStep(calendar.positions)) return calendar;
  return std::nullopt;
}

}  // namespace

Calendar CalendarOf(const std::vector<double>& positions,
                    std::optional<Frequency> frequency) {
  if (frequency == Frequency::kDaily) {
    for (Frequency coarse :
         {Frequency::kAnnual, Frequency::kSemiannual, Frequency::kQuarterly,
          Frequency::kMonthly, Frequency::kWeekly}) {
      const auto calendar = DaysAs(positions, coarse);
      if (calendar.has_value()) return *calendar;
    }
  }
  if (frequency.has_value()) return {positions, frequency};
  for (Frequency part : {Frequency::kAnnual, Frequency::kSemiannual,
                         Frequency::kQuarterly, Frequency::kMonthly}) {
    const auto calendar = NumbersAs(positions, part);
    if (calendar.has_value()) return *calendar;
  }
  return {positions, std::nullopt};
}

std::optional<double> PositionAt(absl::string_view text, Frequency frequency) {
  double number = 0;
  if (absl::SimpleAtod(text, &number) && number != std::floor(number)) {
    return DecimalYear(number, frequency);
  }
  const auto period = tables::ReadPeriod(text);
  if (!period.ok()) return std::nullopt;
  if (period->frequency == frequency) return period->ordinal;
  if (period->frequency == Frequency::kDaily) {
    return series::PeriodContaining(frequency, series::FirstDay(*period))
        .ordinal;
  }
  if (!series::IsCoarser(period->frequency, frequency)) return std::nullopt;
  return series::PeriodContaining(frequency, series::EndDay(*period) - 1)
      .ordinal;
}

std::optional<size_t> FirstGap(const Calendar& calendar) {
  const std::vector<double>& at = calendar.positions;
  if (at.size() < 3 || calendar.frequency == Frequency::kDaily) {
    return std::nullopt;
  }
  std::vector<double> steps;
  for (size_t i = 1; i < at.size(); ++i) steps.push_back(at[i] - at[i - 1]);
  std::vector<double> sorted = steps;
  std::nth_element(sorted.begin(), sorted.begin() + sorted.size() / 2,
                   sorted.end());
  const double usual = sorted[sorted.size() / 2];
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > usual * 1.5) return i + 1;
  }
  return std::nullopt;
}

}  // namespace headway::cli
