#include "tools/headway/input/long_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/observations.h"
#include "daemon/series/step_axis.h"
#include "daemon/tables/periods/notation.h"

namespace headway::cli {
namespace {

using series::Frequency;
using series::Period;

// What is missing may be this many times what is there, and some more.
constexpr int64_t kMostGaps = 20;
constexpr int64_t kSomeGaps = 100;

// Fewer digits than a date has, so that 202401 is a number and no month.
bool ReadWholeNumber(absl::string_view text, int64_t* number) {
  constexpr size_t kMostDigits = 9;
  return text.size() <= kMostDigits && absl::SimpleAtoi(text, number);
}

}  // namespace

absl::Status LongLayout::ReadStep(absl::string_view text, int64_t* step) {
  std::optional<Frequency> frequency;
  if (!ReadWholeNumber(text, step)) {
    ASSIGN_OR_RETURN(const Period period, tables::ReadPeriod(text));
    frequency = period.frequency;
    *step = period.ordinal;
  }
  if (begun_ && frequency != frequency_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the step \"", text.substr(0, 40),
        "\" is of another kind than those above; write all steps as whole "
        "numbers, or all as dates or periods of one length"));
  }
  begun_ = true;
  frequency_ = frequency;
  return absl::OkStatus();
}

absl::Status LongLayout::Add(absl::string_view id, absl::string_view step,
                             double value, int line) {
  Point point{.value = value, .line = line};
  RETURN_IF_ERROR(ReadStep(step, &point.step));
  if (keep_steps_) point.text = std::string(step);
  PointsOf(id).points.push_back(std::move(point));
  return absl::OkStatus();
}

void LongLayout::Spoil(absl::string_view id) { PointsOf(id).is_spoilt = true; }

LongLayout::Points& LongLayout::PointsOf(absl::string_view id) {
  const auto [place, is_new] = places_.try_emplace(id, series_.size());
  if (is_new) series_.push_back({.id = std::string(id)});
  return series_[place->second];
}

Frequency LongLayout::FrequencyOfDays() const {
  const auto all = [this](const auto& fits) {
    return absl::c_all_of(series_, [&](const Points& one) {
      return absl::c_all_of(one.points, [&](const Point& point) {
        return fits(series::FirstDay(
            {Frequency::kDaily, static_cast<int32_t>(point.step)}));
      });
    });
  };
  for (const Frequency frequency :
       {Frequency::kAnnual, Frequency::kSemiannual, Frequency::kQuarterly,
        Frequency::kMonthly}) {
    const auto is_first = [=](absl::CivilDay day) {
      return series::FirstDay(series::PeriodContaining(frequency, day)) == day;
    };
    const auto is_last = [&](absl::CivilDay day) { return is_first(day + 1); };
    if (all(is_first) || all(is_last)) return frequency;
  }
  const absl::Weekday weekday = absl::GetWeekday(series::FirstDay(
      {Frequency::kDaily,
       static_cast<int32_t>(series_.front().points.front().step)}));
  const bool weekly =
      all([=](absl::CivilDay day) { return absl::GetWeekday(day) == weekday; });
  return weekly ? Frequency::kWeekly : Frequency::kDaily;
}

// From days to steps of another frequency, or to the days that the series has.
void LongLayout::ToStepsOf(Frequency frequency, std::vector<Point>* points) {
  series::Observations steps{.frequency = frequency};
  for (Point& point : *points) {
    const absl::CivilDay day =
        series::FirstDay({Frequency::kDaily, static_cast<int32_t>(point.step)});
    point.step = series::PeriodContaining(frequency, day).ordinal;
    steps.ordinals.push_back(static_cast<int32_t>(point.step));
    steps.values.push_back(point.value);
  }
  absl::c_sort(steps.ordinals);
  const series::StepAxis axis(steps);
  for (Point& point : *points) {
    point.step = axis.StepOf(static_cast<int32_t>(point.step));
  }
}

absl::Status LongLayout::Fill(std::vector<Point> points, Series& to) const {
  absl::c_sort(points, [](const Point& a, const Point& b) {
    return std::pair(a.step, a.line) < std::pair(b.step, b.line);
  });
  for (size_t i = 1; i < points.size(); ++i) {
    if (points[i].step != points[i - 1].step) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "lines ", points[i - 1].line, " and ", points[i].line,
        " have the same step; keep one of them, and number the steps of data "
        "within a day 1, 2, 3"));
  }
  const auto rows = static_cast<int64_t>(points.size());
  const int64_t steps = points.back().step - points.front().step + 1;
  if (steps > rows * kMostGaps + kSomeGaps) {
    return absl::InvalidArgumentError(
        absl::StrCat("its ", rows, " rows lie ", steps,
                     " steps apart; number the steps without gaps"));
  }
  to.values.assign(steps, std::numeric_limits<double>::quiet_NaN());
  if (keep_steps_) to.steps.resize(steps);
  for (Point& point : points) {
    const int64_t at = point.step - points.front().step;
    to.values[at] = point.value;
    if (keep_steps_) to.steps[at] = std::move(point.text);
  }
  while (!to.values.empty() && std::isnan(to.values.back())) {
    to.values.pop_back();
  }
  return absl::OkStatus();
}

std::vector<LongLayout::Series> LongLayout::Take() {
  std::vector<Series> taken;
  std::erase_if(series_, [](const Points& one) { return one.is_spoilt; });
  if (series_.empty()) return taken;
  if (frequency_ == Frequency::kDaily) {
    const Frequency frequency = FrequencyOfDays();
    for (Points& one : series_) ToStepsOf(frequency, &one.points);
  }
  for (Points& one : series_) {
    Series& series = taken.emplace_back();
    series.id = std::move(one.id);
    series.line = one.points.front().line;
    series.status = Fill(std::move(one.points), series);
  }
  return taken;
}

}  // namespace headway::cli
