// Any bytes are read as a table of series or refused; a row that is left out is
// named with the file, its line and column.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tools/headway/input/series_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto table = headway::cli::ParseSeriesTable(text, "fuzz.csv");
  if (!table.ok()) {
    if (!absl::StartsWith(table.status().message(), "fuzz.csv:")) abort();
    return 0;
  }
  size_t values = 0;
  int last_line = 0;
  for (const headway::cli::SeriesRow& row : table->rows) {
    if (row.id.empty() || row.line <= last_line) abort();
    last_line = row.line;
    values += row.values.size();
    for (double value : row.values) {
      if (std::isinf(value)) abort();
    }
  }
  // A long table has a value for each step, also for those without a row.
  constexpr size_t kMostGaps = 200;
  if (values > size * kMostGaps) abort();
  for (const absl::Status& bad_row : table->bad_rows) {
    if (!absl::StartsWith(bad_row.message(), "fuzz.csv:")) abort();
  }
  return 0;
}
