// Series in rows, as forecasting competitions publish them: an id, then values
// from the oldest on.
//
//   id,V1,V2,V3,V4         a header row may be there
//   "N1402",2640,NA,2160,  NA or an empty cell is a missing value; missing
//   N1403,1680,1920        values at the end are not part of the series
#ifndef HEADWAY_TOOLS_HEADWAY_SERIES_TABLE_H_
#define HEADWAY_TOOLS_HEADWAY_SERIES_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

struct SeriesRow {
  std::string id;
  // NaN where missing; neither the last nor, unless all are missing, the first
  // value is.
  std::vector<double> values;
  // In the file, from 1.
  int line = 0;
};

// A first row is a header if its first cell is "id" or its second is neither a
// number nor missing. Errors carry `file`, line and column; every id occurs
// once.
absl::StatusOr<std::vector<SeriesRow>> ParseSeriesTable(absl::string_view text,
                                                        absl::string_view file);

absl::StatusOr<std::vector<SeriesRow>> ReadSeriesTable(const std::string& path);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_SERIES_TABLE_H_
