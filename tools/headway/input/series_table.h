// Series in rows, as forecasting competitions publish them: an id, then values
// from the oldest on.
//
//   id,V1,V2,V3,V4         a header row may be there, of words or of periods
//   "N1402",2640,NA,2160,  NA, an empty cell and the like (IsMissingMark) are
//   N1403,1680,1920        missing values; those at the end are not part of
//                          the series
//
// or a row for every series and step, with a header:
//
//   unique_id,ds,y         also id,date,value and the like; without the first,
//   A,2024-01-31,5         one series
//   A,2024-02-29,6
//
// Lines end in a newline, a carriage return or both; the text is UTF-8 or, with
// a byte order mark, UTF-16. A table that is laid out in another way is one
// error, not one for each row.
#ifndef HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_
#define HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/tables/numbers.h"
#include "tools/headway/input/series_header.h"

namespace headway::cli {

struct SeriesRow {
  std::string id;
  // NaN where missing; the last value is never missing. Empty if all are.
  std::vector<double> values;
  // In the file, from 1.
  int line = 0;
  // The names of the steps of a table with a row for every step, as they stand
  // there, where they are asked for; "" at gaps. Else empty.
  std::vector<std::string> steps;
};

struct SeriesTable {
  std::vector<SeriesRow> rows;
  // One for each row that was left out: "FILE:LINE:COLUMN: the value, and what
  // to do about it".
  std::vector<absl::Status> bad_rows;
};

struct SeriesTableOptions {
  char separator = ',';
  tables::NumberStyle numbers = {};
  HeaderChoice header = HeaderChoice::kAuto;
  bool keep_steps = false;
};

// A first row is a header if its first cell is empty, "id", "unique_id",
// "series" or "name", if none of the others is a number or missing, or if they
// are periods that follow one another; where those may be values as well, it is
// an error that asks for options.header. Every id occurs once.
// INVALID_ARGUMENT: not a single row, or another layout.
absl::StatusOr<SeriesTable> ParseSeriesTable(
    absl::string_view text, absl::string_view file,
    const SeriesTableOptions& options = {});

absl::StatusOr<SeriesTable> ReadSeriesTable(
    const std::string& path, const SeriesTableOptions& options = {});

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_
