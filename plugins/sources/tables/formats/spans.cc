#include "plugins/sources/tables/formats/spans.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/formats/grid.h"

namespace headway::formats {

absl::Status SpannedCells::Fill(size_t row, size_t column, size_t rows,
                                size_t columns, const std::string& text) {
  if (row + rows > kMostRows || column + columns > kMostColumns) {
    return absl::InvalidArgumentError(
        absl::StrCat("the table has more than ", kMostRows, " rows or ",
                     kMostColumns, " columns, the limit"));
  }
  if (rows_.size() < row + rows) rows_.resize(row + rows);
  for (size_t r = row; r < row + rows; ++r) {
    std::vector<Cell>& cells = rows_[r];
    if (cells.size() < column + columns) {
      cell_count_ += column + columns - cells.size();
      RETURN_IF_ERROR(CheckCellCount(cell_count_));
      cells.resize(column + columns);
    }
    for (size_t c = column; c < column + columns; ++c) {
      if (cells[c].filled) continue;
      cells[c] = {true, text};
    }
  }
  return absl::OkStatus();
}

size_t SpannedCells::FreeColumn(size_t row, size_t column) const {
  if (row >= rows_.size()) return column;
  const std::vector<Cell>& cells = rows_[row];
  while (column < cells.size() && cells[column].filled) ++column;
  return column;
}

const std::string& SpannedCells::at(size_t row, size_t column) const {
  static const std::string* const empty = new std::string();
  if (row >= rows_.size() || column >= rows_[row].size()) return *empty;
  return rows_[row][column].text;
}

std::vector<std::string> SpannedCells::TakeRow(size_t row) {
  std::vector<std::string> texts;
  for (Cell& cell : rows_[row]) texts.push_back(std::move(cell.text));
  return texts;
}

}  // namespace headway::formats
