// Series in rows, as forecasting competitions publish them: an id, then values
// from the oldest on.
//
//   id,V1,V2,V3,V4         a header row may be there
//   "N1402",2640,NA,2160,  NA or an empty cell is a missing value; missing
//   N1403,1680,1920        values at the end are not part of the series
//
// Lines end in a newline, with or without a carriage return; a byte order mark
// is skipped.
#ifndef HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_
#define HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

struct SeriesRow {
  std::string id;
  // NaN where missing; the last value is never missing. Empty if all are.
  std::vector<double> values;
  // In the file, from 1.
  int line = 0;
};

struct SeriesTable {
  std::vector<SeriesRow> rows;
  // One for each row that was left out: "FILE:LINE:COLUMN: the value, and what
  // to do about it".
  std::vector<absl::Status> bad_rows;
};

// A first row is a header if its first cell is empty, "id", "unique_id",
// "series" or "name", or if its second is neither a number nor missing. Every
// id occurs once. INVALID_ARGUMENT: not a single row.
absl::StatusOr<SeriesTable> ParseSeriesTable(absl::string_view text,
                                             absl::string_view file);

absl::StatusOr<SeriesTable> ReadSeriesTable(const std::string& path);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_TABLE_H_
