// Cells that span several rows or columns, as a table in which each place that
// such a cell covers holds its text.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SPANS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SPANS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace headway::formats {

// More columns than a spreadsheet has are refused, and rows likewise.
inline constexpr size_t kMostColumns = 16384;
inline constexpr size_t kMostRows = size_t{1} << 20;

class SpannedCells {
 public:
  // Fills a rectangle that begins at a row and a column; cells that are filled
  // keep their text.
  absl::Status Fill(size_t row, size_t column, size_t rows, size_t columns,
                    const std::string& text);
  // The first column at or after `column` that is free.
  size_t FreeColumn(size_t row, size_t column) const;

  size_t row_count() const { return rows_.size(); }
  // "" where there is none.
  const std::string& at(size_t row, size_t column) const;
  // The texts of a row.
  std::vector<std::string> TakeRow(size_t row);

 private:
  struct Cell {
    bool filled = false;
    std::string text;
  };
  std::vector<std::vector<Cell>> rows_;
  size_t cell_count_ = 0;
};

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_SPANS_H_
