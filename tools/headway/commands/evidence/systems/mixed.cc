#include "tools/headway/commands/evidence/systems/mixed.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/nowcast/midas.h"

namespace headway::cli {
namespace {

using series::Frequency;
using series::Period;

// At most this many lags of the autoregression that extends an indicator.
constexpr int kExtensionLags = 6;
// A day farther than this after the last one is not of a market that is closed.
constexpr double kClosedDays = 7;

absl::StatusOr<int> TargetColumn(const NowcastOptions& options,
                                 const Frame& frame) {
  if (!options.target.empty()) {
    return ColumnOf(frame, options.target, "--target");
  }
  if (frame.names.size() == 1) return 0;
  return absl::InvalidArgumentError(
      absl::StrCat("--target: name one of ", absl::StrJoin(frame.names, ", ")));
}

absl::StatusOr<Frequency> NeedCalendar(const Frame& frame,
                                       const std::string& file) {
  if (frame.frequency.has_value()) return *frame.frequency;
  return absl::InvalidArgumentError(absl::StrCat(
      file,
      ": its periods are none of a calendar, so that they cannot be "
      "joined by date; name the column with --time"));
}

// The target's values without gaps at the ends; a gap within is refused.
absl::Status TakeTarget(const Frame& frame, int column, Mixed& mixed) {
  mixed.target = frame.names[column];
  std::vector<double> values;
  for (size_t t = 0; t < frame.periods.size(); ++t) {
    const double value = frame.values(t, column);
    if (std::isnan(value)) continue;
    if (!mixed.positions.empty() &&
        frame.positions[t] != mixed.positions.back() + 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          mixed.target, " has no value between ", mixed.periods.back(), " and ",
          frame.periods[t], "; fill the gap or choose --from"));
    }
    values.push_back(value);
    mixed.positions.push_back(frame.positions[t]);
    mixed.periods.push_back(frame.periods[t]);
  }
  if (values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(mixed.target, " has no values"));
  }
  mixed.values = Eigen::Map<Eigen::VectorXd>(values.data(), values.size());
  return absl::OkStatus();
}

// A target with gaps in a table of its indicators, as one of rarer periods.
absl::StatusOr<Frame> RareOf(const Frame& frame, int column) {
  for (Frequency rare : {Frequency::kAnnual, Frequency::kSemiannual,
                         Frequency::kQuarterly, Frequency::kMonthly}) {
    if (!series::IsCoarser(rare, *frame.frequency)) continue;
    Frame result;
    result.names = {frame.names[column]};
    result.transforms = {frame.transforms[column]};
    result.frequency = rare;
    std::vector<double> values;
    bool fits = true;
    for (size_t t = 0; t < frame.periods.size() && fits; ++t) {
      const double value = frame.values(t, column);
      if (std::isnan(value)) continue;
      const Period here = {*frame.frequency,
                           static_cast<int32_t>(frame.positions[t])};
      const Period period =
          series::PeriodContaining(rare, series::FirstDay(here));
      fits = result.positions.empty() ||
             result.positions.back() + 1 == period.ordinal;
      values.push_back(value);
      result.positions.push_back(period.ordinal);
      result.periods.push_back(series::FormatPeriod(period));
    }
    if (!fits || values.size() < 2) continue;
    result.values = Eigen::Map<Eigen::VectorXd>(values.data(), values.size());
    return result;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      frame.names[column],
      " is not a series of rarer periods than its table: "
      "give a table of its own, and the frequent one with --with"));
}

}  // namespace

double LastWithin(double position, Frequency rare, Frequency frequent) {
  const Period target = {rare, static_cast<int32_t>(position)};
  const absl::CivilDay end = series::EndDay(target);
  const Period last = series::PeriodContaining(frequent, end - 1);
  return series::EndDay(last) > end ? last.ordinal - 1 : last.ordinal;
}

absl::StatusOr<Mixed> ReadMixed(const NowcastOptions& options) {
  Mixed mixed;
  FrameOptions of_target = options.frame;
  ASSIGN_OR_RETURN(Frame frame, ReadFrame(of_target));
  ASSIGN_OR_RETURN(const int column, TargetColumn(options, frame));
  RETURN_IF_ERROR(NeedCalendar(frame, options.frame.input.csv).status());
  mixed.notes = frame.notes;
  if (options.with.empty()) {
    ASSIGN_OR_RETURN(Frame rare, RareOf(frame, column));
    RETURN_IF_ERROR(TakeTarget(rare, 0, mixed));
    mixed.rare = *rare.frequency;
    mixed.indicators = frame;
  } else {
    RETURN_IF_ERROR(TakeTarget(frame, column, mixed));
    mixed.rare = *frame.frequency;
    FrameOptions of_indicators = options.frame;
    of_indicators.input.csv = options.with;
    of_indicators.input.from = options.with_from;
    of_indicators.input.to.clear();
    of_indicators.input.time.clear();
    of_indicators.series = options.indicators;
    of_indicators.exclude.clear();
    of_indicators.transform = options.with_transform;
    ASSIGN_OR_RETURN(mixed.indicators, ReadFrame(of_indicators));
    mixed.notes.insert(mixed.notes.end(), mixed.indicators.notes.begin(),
                       mixed.indicators.notes.end());
  }
  ASSIGN_OR_RETURN(mixed.frequent,
                   NeedCalendar(mixed.indicators, options.with));
  if (!series::IsCoarser(mixed.rare, mixed.frequent)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the target is ", series::FrequencyName(mixed.rare),
                     ", the indicators ", series::FrequencyName(mixed.frequent),
                     "; they must be more frequent"));
  }
  return mixed;
}

absl::StatusOr<std::vector<int>> IndicatorColumns(const NowcastOptions& options,
                                                  const Mixed& mixed) {
  std::vector<int> columns;
  if (options.with.empty() && !options.indicators.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     KnownNames(options.indicators, mixed.indicators.names,
                                "--indicator", "series"));
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(const int column,
                       ColumnOf(mixed.indicators, name, "--indicator"));
      columns.push_back(column);
    }
    return columns;
  }
  for (size_t j = 0; j < mixed.indicators.names.size(); ++j) {
    if (options.with.empty() && mixed.indicators.names[j] == mixed.target) {
      continue;
    }
    columns.push_back(static_cast<int>(j));
  }
  if (columns.empty()) {
    return absl::InvalidArgumentError(
        "there is no indicator; give a table of them with --with");
  }
  return columns;
}

Indicator::Indicator(const Frame& frame, int column, Frequency frequency)
    : name_(frame.names[column]), by_row_(frequency == Frequency::kDaily) {
  for (size_t t = 0; t < frame.periods.size(); ++t) {
    const double value = frame.values(t, column);
    if (std::isnan(value)) continue;
    positions_.push_back(frame.positions[t]);
    values_.push_back(value);
  }
}

std::optional<double> Indicator::At(double position, int lag) const {
  const double wanted = by_row_ ? position : position - lag;
  auto at = std::upper_bound(positions_.begin(), positions_.end(), wanted);
  if (at == positions_.begin()) return std::nullopt;
  Eigen::Index index = at - positions_.begin() - 1;
  if (by_row_) {
    index -= lag;
    // A period that begins after the last day is not there.
    if (index < 0 || position - positions_.back() > kClosedDays) {
      return std::nullopt;
    }
    return values_[index];
  }
  if (positions_[index] != wanted) return std::nullopt;
  return values_[index];
}

absl::Status Indicator::ExtendTo(double position) {
  const int steps = static_cast<int>(position - positions_.back());
  if (steps <= 0) return absl::OkStatus();
  const int most =
      std::min<int>(kExtensionLags, static_cast<int>(values_.size()) / 4);
  if (most < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, " has too few values to be extended"));
  }
  for (size_t i = 1; i < positions_.size(); ++i) {
    if (positions_[i] == positions_[i - 1] + 1) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        name_,
        " has gaps, so that it cannot be extended to the end of the "
        "period; fill them"));
  }
  ASSIGN_OR_RETURN(
      const Eigen::VectorXd more,
      evidence::ExtendByAutoregression(
          name_,
          Eigen::Map<const Eigen::VectorXd>(values_.data(), values_.size()),
          steps, most));
  for (double value : more) {
    positions_.push_back(positions_.back() + 1);
    values_.push_back(value);
  }
  return absl::OkStatus();
}

}  // namespace headway::cli
