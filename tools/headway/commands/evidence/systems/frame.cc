#include "tools/headway/commands/evidence/systems/frame.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "tools/headway/commands/evidence/systems/calendar.h"
#include "tools/headway/commands/evidence/systems/transform.h"

namespace headway::cli {
namespace {

// Where the periods of a table stand.
struct TimeColumns {
  std::vector<size_t> columns;  // one, or a year and its part; none: rows
  TimeAxis axis;
  std::string name;
};

std::string Whole(const std::string& text) {
  double number = 0;
  if (absl::SimpleAtod(text, &number) && number == std::floor(number)) {
    return absl::StrCat(static_cast<int64_t>(number));
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

// "1959Q1" or "1959-01" of a year's column and that of its part.
absl::StatusOr<std::vector<std::string>> YearAndPart(const DataTable& table,
                                                     size_t year, size_t part) {
  ASSIGN_OR_RETURN(const std::vector<std::string> years, table.Texts(year));
  ASSIGN_OR_RETURN(const std::vector<std::string> parts, table.Texts(part));
  const bool months =
      absl::StartsWith(absl::AsciiStrToLower(table.columns()[part]), "mon");
  std::vector<std::string> texts;
  for (size_t i = 0; i < years.size(); ++i) {
    const std::string number = Whole(parts[i]);
    texts.push_back(months ? absl::StrCat(Whole(years[i]), "-",
                                          number.size() == 1 ? "0" : "", number)
                           : absl::StrCat(Whole(years[i]), "Q", number));
  }
  return texts;
}

bool IsNamed(const std::string& name, std::initializer_list<const char*> ones) {
  const std::string lower = absl::AsciiStrToLower(name);
  return std::find(ones.begin(), ones.end(), lower) != ones.end();
}

// The columns that make the periods, where the table's first ones do.
std::vector<size_t> UsualTimeColumns(const DataTable& table) {
  const std::vector<std::string>& names = table.columns();
  if (names.size() > 2 && IsNamed(names[0], {"year", "jahr", "yr"}) &&
      IsNamed(names[1], {"quarter", "qtr", "q", "month", "mon", "mo"})) {
    return {0, 1};
  }
  return {0};
}

absl::StatusOr<std::vector<size_t>> NamedTimeColumns(const DataTable& table,
                                                     const std::string& time) {
  const absl::StatusOr<size_t> whole = table.Find(time, "--time");
  if (whole.ok()) return std::vector<size_t>{*whole};
  const std::vector<std::string> parts = absl::StrSplit(time, ',');
  if (parts.size() != 2) return whole.status();
  ASSIGN_OR_RETURN(const size_t year, table.Find(parts[0], "--time"));
  ASSIGN_OR_RETURN(const size_t part, table.Find(parts[1], "--time"));
  return std::vector<size_t>{year, part};
}

absl::StatusOr<TimeColumns> MakeTime(const DataTable& table,
                                     std::vector<size_t> columns,
                                     const TimeAxisOptions& options) {
  std::vector<std::string> texts;
  if (columns.size() == 2) {
    ASSIGN_OR_RETURN(texts, YearAndPart(table, columns[0], columns[1]));
  } else {
    ASSIGN_OR_RETURN(texts, table.Texts(columns[0]));
  }
  ASSIGN_OR_RETURN(TimeAxis axis, TimeAxis::Make(texts, options));
  std::vector<std::string> names;
  for (size_t column : columns) names.push_back(table.columns()[column]);
  return TimeColumns{std::move(columns), std::move(axis),
                     absl::StrJoin(names, ",")};
}

// Whether a first column that nobody named holds periods: each once, and, if
// plain numbers, a step apart.
bool IsPlainlyTime(const TimeColumns& time, size_t rows) {
  if (time.axis.size() != rows || rows < 2) return false;
  if (time.axis.frequency().has_value()) return true;
  const std::vector<double>& at = time.axis.positions();
  const double step = (at.back() - at.front()) / static_cast<double>(rows - 1);
  for (size_t i = 1; i < at.size(); ++i) {
    if (std::abs(at[i] - at[i - 1] - step) > 0.02 * step) return false;
  }
  return step > 0;
}

absl::Status CheckDistinct(const DataTable& table, const TimeColumns& time) {
  if (time.axis.size() == table.rows()) return absl::OkStatus();
  std::vector<bool> seen(time.axis.size());
  for (size_t row = 0; row < table.rows(); ++row) {
    const size_t place = time.axis.places()[row];
    if (seen[place]) {
      return table.ErrorAt(
          row, time.columns[0],
          absl::StrCat(time.axis.labels()[place],
                       " occurs twice; this command reads a column for each "
                       "series and a row for each period (for a year and its "
                       "quarter say --time year,quarter)"));
    }
    seen[place] = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<TimeColumns> FindTime(const DataTable& table,
                                     const InputOptions& input) {
  if (!input.time.empty()) {
    ASSIGN_OR_RETURN(const std::vector<size_t> columns,
                     NamedTimeColumns(table, input.time));
    ASSIGN_OR_RETURN(TimeColumns time, MakeTime(table, columns, input.axis));
    RETURN_IF_ERROR(CheckDistinct(table, time));
    return time;
  }
  absl::StatusOr<TimeColumns> time =
      MakeTime(table, UsualTimeColumns(table), input.axis);
  if (time.ok() && time->axis.frequency().has_value()) {
    RETURN_IF_ERROR(CheckDistinct(table, *time));
  }
  if (time.ok() && IsPlainlyTime(*time, table.rows())) return time;
  return TimeColumns{{}, TimeAxis::OfRows(table.rows()), ""};
}

bool IsTimeColumn(const TimeColumns& time, size_t column) {
  return std::find(time.columns.begin(), time.columns.end(), column) !=
         time.columns.end();
}

// The columns that are asked for; else all of numbers, with notes on others.
absl::StatusOr<std::vector<size_t>> ChooseColumns(const DataTable& table,
                                                  const TimeColumns& time,
                                                  const FrameOptions& options,
                                                  Frame& frame) {
  std::vector<std::string> known;
  for (size_t i = 0; i < table.columns().size(); ++i) {
    if (!IsTimeColumn(time, i)) known.push_back(table.columns()[i]);
  }
  std::vector<std::string> chosen = known;
  const bool all = options.series.empty();
  if (!all) {
    ASSIGN_OR_RETURN(chosen,
                     KnownNames(options.series, known, "--series", "series"));
  }
  if (!options.exclude.empty()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> without,
                     KnownNames(options.exclude, known, "--exclude", "series"));
    std::erase_if(chosen, [&](const std::string& name) {
      return std::find(without.begin(), without.end(), name) != without.end();
    });
  }
  std::vector<size_t> columns;
  for (const std::string& name : chosen) {
    ASSIGN_OR_RETURN(const size_t column, table.Find(name, "--series"));
    const absl::Status numbers = table.Numbers(column).status();
    if (numbers.ok()) {
      columns.push_back(column);
    } else if (all) {
      frame.notes.push_back(absl::StrCat(name,
                                         " is left out, for it is not of "
                                         "numbers: ",
                                         numbers.message()));
    } else {
      return numbers;
    }
  }
  if (columns.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        table.file(), ": no column of numbers is left; see --series"));
  }
  return columns;
}

// How many rows lie between values of a series: 3 of a quarterly one in a table
// of months.
int UsualGap(const Eigen::VectorXd& values) {
  std::vector<Eigen::Index> gaps;
  Eigen::Index last = -1;
  for (Eigen::Index t = 0; t < values.size(); ++t) {
    if (std::isnan(values[t])) continue;
    if (last >= 0) gaps.push_back(t - last);
    last = t;
  }
  if (gaps.empty()) return 1;
  std::nth_element(gaps.begin(), gaps.begin() + gaps.size() / 2, gaps.end());
  return static_cast<int>(gaps[gaps.size() / 2]);
}

absl::Status TransformAll(const FrameOptions& options, Frame& frame) {
  ASSIGN_OR_RETURN(frame.transforms,
                   TransformsOf(options.transform, frame.names));
  const int per_year = frame.frequency.has_value()
                           ? series::PeriodsPerYear(*frame.frequency)
                           : 1;
  for (size_t j = 0; j < frame.names.size(); ++j) {
    const Eigen::Index column = static_cast<Eigen::Index>(j);
    const int gap = UsualGap(frame.values.col(column));
    ASSIGN_OR_RETURN(
        frame.values.col(column),
        Transform(frame.transforms[j], frame.names[j], frame.values.col(column),
                  gap, std::max(1, per_year / gap)));
  }
  return absl::OkStatus();
}

void Cut(Frame& frame, Eigen::Index begin, Eigen::Index end) {
  frame.values = frame.values.middleRows(begin, end - begin).eval();
  frame.periods = {frame.periods.begin() + begin, frame.periods.begin() + end};
  frame.positions = {frame.positions.begin() + begin,
                     frame.positions.begin() + end};
}

}  // namespace

std::string Frame::PeriodAfter(int steps) const {
  const double last = positions.back();
  if (frequency.has_value()) {
    return series::FormatPeriod(
        {*frequency, static_cast<int32_t>(last) + steps});
  }
  const double step =
      positions.size() > 1 ? last - positions[positions.size() - 2] : 1;
  return absl::StrCat(last + steps * step);
}

void AddFrameOptions(CLI::App& command, FrameOptions& options) {
  AddFileOptions(command, options.input);
  AddTimeOptions(command, options.input);
  command
      .add_option("--series", options.series,
                  "The columns that are used; all of numbers without it")
      ->type_name("NAME[,NAME]");
  command.add_option("--exclude", options.exclude, "Columns to leave out")
      ->type_name("NAME[,NAME]");
  command
      .add_option("--transform", options.transform,
                  "What is done first, to all or to named series: none, log, "
                  "100log, diff, dlog, 100dlog, pct (growth in percent), pca "
                  "(the same at a yearly rate)")
      ->type_name("KIND|NAME=KIND[,…]");
}

absl::StatusOr<Frame> ReadFrame(const FrameOptions& options) {
  ASSIGN_OR_RETURN(const DataTable table, ReadInput(options.input));
  ASSIGN_OR_RETURN(const TimeColumns time, FindTime(table, options.input));
  Frame frame;
  ASSIGN_OR_RETURN(const std::vector<size_t> columns,
                   ChooseColumns(table, time, options, frame));
  frame.time_column = time.name;
  frame.periods = time.axis.labels();
  Calendar calendar = CalendarOf(time.axis.positions(), time.axis.frequency());
  frame.positions = std::move(calendar.positions);
  frame.frequency = calendar.frequency;
  frame.values =
      Eigen::MatrixXd::Constant(static_cast<Eigen::Index>(time.axis.size()),
                                static_cast<Eigen::Index>(columns.size()),
                                std::numeric_limits<double>::quiet_NaN());
  for (size_t j = 0; j < columns.size(); ++j) {
    frame.names.push_back(table.columns()[columns[j]]);
    ASSIGN_OR_RETURN(const std::vector<double> numbers,
                     table.Numbers(columns[j]));
    for (size_t row = 0; row < numbers.size(); ++row) {
      frame.values(static_cast<Eigen::Index>(time.axis.places()[row]),
                   static_cast<Eigen::Index>(j)) = numbers[row];
    }
  }
  if (time.columns.empty()) {
    frame.notes.push_back(
        "no column of periods was found, so that rows count from 1; see "
        "--time");
  }
  RETURN_IF_ERROR(TransformAll(options, frame));
  ASSIGN_OR_RETURN(const PeriodRange range, RangeOf(time.axis, options.input));
  Cut(frame, static_cast<Eigen::Index>(range.begin),
      static_cast<Eigen::Index>(range.end));
  return frame;
}

absl::StatusOr<Frame> WithoutGaps(Frame frame) {
  const auto complete = [&frame](Eigen::Index t) {
    return frame.values.row(t).allFinite();
  };
  Eigen::Index begin = 0;
  Eigen::Index end = frame.values.rows();
  while (begin < end && !complete(begin)) ++begin;
  while (end > begin && !complete(end - 1)) --end;
  if (begin == end) {
    return absl::InvalidArgumentError(
        "there is no period in which every series has a value; leave the "
        "sparse ones out with --exclude");
  }
  for (Eigen::Index t = begin; t < end; ++t) {
    for (Eigen::Index j = 0; j < frame.values.cols(); ++j) {
      if (std::isfinite(frame.values(t, j))) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          frame.names[j], " has no value in ", frame.periods[t],
          ", between periods that have one; fill the gap, choose --from or "
          "--to, or leave it out with --exclude"));
    }
  }
  const Eigen::Index left = frame.values.rows() - (end - begin);
  if (left > 0) {
    frame.notes.push_back(absl::StrCat(
        left,
        " periods at the ends are left out, for a series has no value "
        "there: ",
        frame.periods[begin], " to ", frame.periods[end - 1], " are used"));
  }
  Cut(frame, begin, end);
  const auto gap = FirstGap({frame.positions, frame.frequency});
  if (gap.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        frame.periods[*gap - 1], " is followed by ", frame.periods[*gap],
        ": a lag must be the same time everywhere; add the periods between, or "
        "choose --from or --to"));
  }
  return frame;
}

absl::StatusOr<int> PlaceOf(const Frame& frame, absl::string_view period,
                            absl::string_view option) {
  for (size_t t = 0; t < frame.periods.size(); ++t) {
    if (frame.periods[t] == period) return static_cast<int>(t);
  }
  std::optional<double> position;
  double number = 0;
  if (frame.frequency.has_value()) {
    position = PositionAt(period, *frame.frequency);
  } else if (absl::SimpleAtod(period, &number)) {
    position = number;
  }
  for (size_t t = 0; position.has_value() && t < frame.positions.size(); ++t) {
    if (frame.positions[t] == *position) return static_cast<int>(t);
  }
  return absl::NotFoundError(
      absl::StrCat(option, ": there is no period ", period, " from ",
                   frame.periods.front(), " to ", frame.periods.back()));
}

absl::StatusOr<int> ColumnOf(const Frame& frame, absl::string_view name,
                             absl::string_view option) {
  for (size_t j = 0; j < frame.names.size(); ++j) {
    if (frame.names[j] == name) return static_cast<int>(j);
  }
  return absl::NotFoundError(absl::StrCat(
      option, ": there is no series ", name, DidYouMean(name, frame.names),
      "; there are ", absl::StrJoin(frame.names, ", ")));
}

}  // namespace headway::cli
