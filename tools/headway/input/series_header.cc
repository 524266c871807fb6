#include "tools/headway/input/series_header.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/periods/notation.h"

namespace headway::cli {
namespace {

using Names = absl::Span<const absl::string_view>;

// What the column of the series' names is called.
constexpr absl::string_view kIdNames[] = {
    "", "id", "unique_id", "series", "name", "item_id", "series_id"};
// The same, in tables with years in their header; "country,2019,2020" is not a
// series called country.
constexpr absl::string_view kThingNames[] = {
    "country",  "country name", "country code", "economy", "region",
    "area",     "geo",          "state",        "city",    "entity",
    "code",     "iso3",         "company",      "firm",    "product",
    "item",     "sector",       "industry",     "partner", "reporter",
    "variable", "indicator",    "label",        "model"};
constexpr absl::string_view kStepNames[] = {
    "ds",    "date", "period",  "time", "timestamp",
    "month", "week", "quarter", "year", "datetime"};
constexpr absl::string_view kValueNames[] = {"y", "value", "target"};

bool IsOneOf(absl::string_view text, Names names) {
  return absl::c_any_of(names, [text](absl::string_view name) {
    return absl::EqualsIgnoreCase(text, name);
  });
}

std::optional<size_t> FindOne(const std::vector<std::string>& cells,
                              Names names) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty() && IsOneOf(cells[i], names)) return i;
  }
  return std::nullopt;
}

bool IsNumber(absl::string_view cell, const tables::NumberStyle& style) {
  return tables::ParseNumber(cell, style).ok();
}

// A number in a dress that is not taken, such as $1 or 1,000: a row of them is
// a series that cannot be read, and no header.
bool IsDressedNumber(absl::string_view cell) {
  const auto is_of_a_name = [](unsigned char c) {
    return absl::ascii_isalpha(c) || c == '/' || c == ':' || c == '_';
  };
  return absl::c_any_of(cell, absl::ascii_isdigit) &&
         !absl::c_any_of(cell, is_of_a_name) &&
         cell.find('-', 1) == absl::string_view::npos;
}

// unique_id, ds and y, or columns that mean the same.
absl::StatusOr<std::optional<LongColumns>> FindLongColumns(
    const std::vector<std::string>& cells) {
  const auto step = FindOne(cells, kStepNames);
  const auto value = FindOne(cells, kValueNames);
  if (!step || !value) return std::nullopt;
  LongColumns columns{FindOne(cells, kIdNames), *step, *value};
  // "country,year,value": the third column names the series.
  if (!columns.id && cells.size() == 3) columns.id = 3 - *step - *value;
  const size_t used = columns.id ? 3 : 2;
  if (cells.size() == used) return columns;
  return absl::InvalidArgumentError(absl::StrCat(
      "the header is that of a long table (unique_id,ds,y), with columns "
      "besides: ",
      absl::StrJoin(cells, ","),
      "; leave the others out, for forecasts use no further variables"));
}

// Where the cells begin that are all periods; their number if none is.
size_t FirstOfPeriods(const std::vector<std::string>& cells) {
  size_t first = cells.size();
  while (first > 0 && tables::ReadPeriod(cells[first - 1]).ok()) --first;
  return first;
}

// Whether each cell from `first` on is the period after the one before.
bool AreConsecutive(const std::vector<std::string>& cells, size_t first) {
  for (size_t i = first + 1; i < cells.size(); ++i) {
    const auto before = tables::ReadPeriod(cells[i - 1]);
    const auto after = tables::ReadPeriod(cells[i]);
    if (before->frequency != after->frequency ||
        before->ordinal + 1 != after->ordinal) {
      return false;
    }
  }
  return true;
}

// A header of periods, if it is one.
absl::StatusOr<std::optional<SeriesHeader>> FindPeriods(
    const std::vector<std::string>& cells, HeaderChoice choice,
    const tables::NumberStyle& style) {
  const size_t first = FirstOfPeriods(cells);
  const size_t count = cells.size() - first;
  if (count < 2 || first == 0) return std::nullopt;
  const bool consecutive = AreConsecutive(cells, first);
  const bool years = IsNumber(cells[first], style);
  const bool named = choice == HeaderChoice::kYes ||
                     IsOneOf(cells[0], kIdNames) ||
                     IsOneOf(cells[0], kThingNames) || first > 1 || !years;
  if (!named) {
    // Values such as 2019 and 2020 look like years.
    if (!consecutive) return std::nullopt;
    return absl::InvalidArgumentError(absl::StrCat(
        "the first row, ", cells[0], ",", cells[1], ",", cells[2],
        count > 2 ? ",…" : "",
        ", may be a header of years or a series; say --header yes or --header "
        "no"));
  }
  if (first > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(first, " columns stand before the first period (",
                     absl::StrJoin(cells.begin(), cells.begin() + first, ", "),
                     "); keep one of them, as the name of the series"));
  }
  if (!consecutive) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the periods of the header do not follow one another (", cells[1], ", ",
        cells[2], count > 2 ? ", …" : "",
        "); give every period a column, the oldest first, and leave the cells "
        "of missing values empty"));
  }
  return SeriesHeader{.is_header = true, .periods = count};
}

}  // namespace

absl::StatusOr<SeriesHeader> ReadSeriesHeader(
    const std::vector<std::string>& cells, HeaderChoice choice,
    const tables::NumberStyle& style) {
  if (choice == HeaderChoice::kNo) return SeriesHeader();
  ASSIGN_OR_RETURN(const auto long_columns, FindLongColumns(cells));
  if (long_columns) {
    return SeriesHeader{.is_header = true, .long_columns = long_columns};
  }
  if (cells.size() > 1 && IsOneOf(cells[0], kStepNames) &&
      !IsNumber(cells[1], style)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header ", cells[0], ",", cells[1],
        ",… is that of a table with a row a period and a column a series; turn "
        "it into a row a series, id,value,value,…, or into unique_id,ds,y"));
  }
  ASSIGN_OR_RETURN(const auto by_periods, FindPeriods(cells, choice, style));
  if (by_periods) return *by_periods;
  const bool words =
      cells.size() > 1 &&
      std::none_of(cells.begin() + 1, cells.end(), [&](const auto& cell) {
        return tables::IsMissingMark(cell) || IsNumber(cell, style) ||
               IsDressedNumber(cell);
      });
  return SeriesHeader{.is_header = choice == HeaderChoice::kYes || words ||
                                   IsOneOf(cells[0], kIdNames)};
}

}  // namespace headway::cli
