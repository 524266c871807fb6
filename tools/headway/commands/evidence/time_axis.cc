#include "tools/headway/commands/evidence/time_axis.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/tables/periods/format.h"
#include "daemon/tables/periods/notation.h"

namespace headway::cli {
namespace {

using series::Frequency;
using series::Period;

std::optional<double> ReadPlainNumber(absl::string_view text) {
  double number = 0;
  // SimpleAtod takes "nan" and "inf" too.
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

bool AreDigits(absl::string_view text, size_t count) {
  return text.size() == count && absl::c_all_of(text, absl::ascii_isdigit);
}

bool IsCompactMonth(absl::string_view text) {
  int number = 0;
  if (!AreDigits(text, 6) || !absl::SimpleAtoi(text, &number)) return false;
  const int year = number / 100;
  const int month = number % 100;
  return year >= series::kFirstYear && year <= series::kLastYear &&
         month >= 1 && month <= 12;
}

bool IsYear(double number) {
  return number == std::floor(number) && number >= series::kFirstYear &&
         number <= series::kLastYear;
}

// "1989m1" and "1989q4" of Stata, too.
absl::StatusOr<Period> ReadWrittenPeriod(absl::string_view text) {
  auto period = tables::ReadPeriod(text);
  if (period.ok()) return period;
  std::string upper = absl::AsciiStrToUpper(text);
  if (upper.size() == 6 && upper[4] == 'M') upper.insert(5, "0");
  auto second = tables::ReadPeriod(upper);
  return second.ok() ? second : period;
}

absl::Status Unreadable(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text,
      "\" is no period that can mean one thing only (1989, 2020Q1, 2020-01, "
      "2020-01-31, 17, 1970.25); say how it is written with --time-format, as "
      "in --time-format %d.%m.%Y, or that the rows are in order with "
      "--time-as-written"));
}

}  // namespace

absl::Status TimeAxis::Choose(const std::vector<std::string>& texts) {
  if (kind_ == Kind::kWords) return absl::OkStatus();
  if (!format_.empty()) {
    kind_ = Kind::kPeriods;
    ASSIGN_OR_RETURN(const auto format, tables::PeriodFormat::Compile(format_));
    frequency_ = format.frequency().value_or(Frequency::kDaily);
    return absl::OkStatus();
  }
  const auto is_number = [](const std::string& text) {
    return ReadPlainNumber(text).has_value();
  };
  if (!absl::c_all_of(texts, is_number)) {
    kind_ = Kind::kPeriods;
    for (const std::string& text : texts) {
      if (const auto period = ReadWrittenPeriod(text); period.ok()) {
        frequency_ = period->frequency;
        return absl::OkStatus();
      }
    }
    return Unreadable(texts[0]);
  }
  if (absl::c_all_of(texts, IsCompactMonth)) {
    kind_ = Kind::kPeriods;
    compact_months_ = true;
    frequency_ = Frequency::kMonthly;
  } else if (absl::c_all_of(texts, [](const std::string& text) {
               return AreDigits(text, 8) && tables::ReadPeriod(text).ok();
             })) {
    kind_ = Kind::kPeriods;
    frequency_ = Frequency::kDaily;
  } else if (absl::c_all_of(texts, [](const std::string& text) {
               return IsYear(*ReadPlainNumber(text));
             })) {
    frequency_ = Frequency::kAnnual;
  }
  return absl::OkStatus();
}

// `end`: the last of the periods that a coarser one holds, else the first.
absl::StatusOr<double> TimeAxis::PositionOf(absl::string_view text,
                                            bool end) const {
  if (kind_ == Kind::kWords) {
    const auto found = absl::c_find(labels_, text);
    if (found != labels_.end()) return found - labels_.begin();
    return absl::NotFoundError(
        absl::StrCat("no period is \"", text, "\"", DidYouMean(text, labels_)));
  }
  if (kind_ == Kind::kNumbers) {
    if (const auto number = ReadPlainNumber(text)) return *number;
    if (!frequency_) return Unreadable(text);
  }
  if (!format_.empty()) {
    ASSIGN_OR_RETURN(const auto format, tables::PeriodFormat::Compile(format_));
    if (const auto period = format.Parse(text, frequency_); period.ok()) {
      return period->ordinal;
    }
  }
  std::string written(text);
  if (compact_months_ && IsCompactMonth(text)) written.insert(4, "-");
  const auto period = ReadWrittenPeriod(written);
  if (!period.ok()) return Unreadable(text);
  if (period->frequency == *frequency_) return period->ordinal;
  const auto day = end ? EndDay(*period) - 1 : FirstDay(*period);
  return PeriodContaining(*frequency_, day).ordinal;
}

absl::Status TimeAxis::Place(const std::vector<std::string>& texts) {
  std::map<std::string, double> read;
  std::map<double, std::string> found;
  for (const std::string& text : texts) {
    auto [place, is_new] = read.try_emplace(text, 0.0);
    if (!is_new) continue;
    if (kind_ == Kind::kWords) {
      place->second = static_cast<double>(read.size()) - 1;
    } else {
      if (kind_ == Kind::kPeriods && format_.empty() && !compact_months_) {
        const auto period = ReadWrittenPeriod(text);
        if (!period.ok()) return Unreadable(text);
        if (period->frequency != *frequency_) {
          return absl::InvalidArgumentError(absl::StrCat(
              "\"", text, "\" is ", FrequencyName(period->frequency),
              ", other periods are ", FrequencyName(*frequency_),
              "; write all alike"));
        }
      }
      ASSIGN_OR_RETURN(place->second, PositionOf(text, false));
    }
    found.try_emplace(place->second, text);
  }
  std::map<double, size_t> order;
  for (const auto& [position, label] : found) {
    order[position] = labels_.size();
    labels_.push_back(label);
    positions_.push_back(position);
  }
  for (const std::string& text : texts) places_.push_back(order[read[text]]);
  return absl::OkStatus();
}

absl::StatusOr<TimeAxis> TimeAxis::Make(const std::vector<std::string>& texts,
                                        const TimeAxisOptions& options) {
  TimeAxis axis;
  axis.format_ = options.format;
  if (options.as_written) axis.kind_ = Kind::kWords;
  RETURN_IF_ERROR(axis.Choose(texts));
  RETURN_IF_ERROR(axis.Place(texts));
  return axis;
}

TimeAxis TimeAxis::OfRows(size_t rows) {
  TimeAxis axis;
  for (size_t row = 0; row < rows; ++row) {
    axis.labels_.push_back(absl::StrCat(row + 1));
    axis.positions_.push_back(static_cast<double>(row) + 1);
    axis.places_.push_back(row);
  }
  return axis;
}

absl::StatusOr<size_t> TimeAxis::Find(absl::string_view text,
                                      absl::string_view option) const {
  const auto written = absl::c_find(labels_, text);
  if (written != labels_.end()) return written - labels_.begin();
  const auto position = PositionOf(text, false);
  if (!position.ok()) return Annotate(position.status(), option);
  const auto at = absl::c_lower_bound(positions_, *position);
  const size_t place = at - positions_.begin();
  if (at != positions_.end() && *at == *position) return place;
  const std::string range = absl::StrCat(
      "the table goes from ", labels_.front(), " to ", labels_.back());
  const bool within = place > 0 && place < size();
  return absl::NotFoundError(
      absl::StrCat(option, ": the table has no period ", text, "; ",
                   within ? absl::StrCat("next to it are ", labels_[place - 1],
                                         " and ", labels_[place])
                          : range));
}

absl::StatusOr<size_t> TimeAxis::FirstFrom(absl::string_view text,
                                           absl::string_view option) const {
  const auto position = PositionOf(text, false);
  if (!position.ok()) return Annotate(position.status(), option);
  const auto at = absl::c_lower_bound(positions_, *position);
  if (at != positions_.end()) return at - positions_.begin();
  return absl::OutOfRangeError(
      absl::StrCat(option, ": no period is left: ", text,
                   " is after the last one, ", labels_.back()));
}

absl::StatusOr<size_t> TimeAxis::EndTo(absl::string_view text,
                                       absl::string_view option) const {
  const auto position = PositionOf(text, true);
  if (!position.ok()) return Annotate(position.status(), option);
  const auto at = absl::c_upper_bound(positions_, *position);
  if (at != positions_.begin()) return at - positions_.begin();
  return absl::OutOfRangeError(
      absl::StrCat(option, ": no period is left: ", text,
                   " is before the first one, ", labels_.front()));
}

std::string TimeAxis::DescribeGap() const {
  if (size() < 4) return "";
  std::vector<double> steps;
  for (size_t i = 1; i < size(); ++i) {
    steps.push_back(positions_[i] - positions_[i - 1]);
  }
  std::vector<double> sorted = steps;
  absl::c_sort(sorted);
  const double usual = sorted[sorted.size() / 2];
  // Days without weekends and holidays.
  const bool are_days = frequency_ == Frequency::kDaily && usual == 1;
  const double most = are_days ? 5 : 1.5 * usual;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > most) {
      return absl::StrCat(labels_[i], " is followed by ", labels_[i + 1]);
    }
  }
  return "";
}

}  // namespace headway::cli
