// What the first row of a table of series says about the others.
#ifndef HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_HEADER_H_
#define HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_HEADER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/tables/numbers.h"

namespace headway::cli {

enum class HeaderChoice { kAuto, kYes, kNo };

// Of a table with a row for every series and step: unique_id, ds, y.
struct LongColumns {
  // Absent: one series.
  std::optional<size_t> id;
  size_t step = 0;
  size_t value = 0;
};

struct SeriesHeader {
  // Whether the first row is a header.
  bool is_header = false;
  std::optional<LongColumns> long_columns;
  // How many values a row has at most, by a header of periods.
  std::optional<size_t> periods;
};

// INVALID_ARGUMENT for a table that is laid out in another way, or of which
// the first row may be a header or a series: it says what to do.
absl::StatusOr<SeriesHeader> ReadSeriesHeader(
    const std::vector<std::string>& cells, HeaderChoice choice,
    const tables::NumberStyle& style);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_INPUT_SERIES_HEADER_H_
