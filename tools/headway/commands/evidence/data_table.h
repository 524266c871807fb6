// A table with a header row, as statistical programs write it: named columns of
// text, which are read as numbers where they are asked for as such.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_DATA_TABLE_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_DATA_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

struct DataTableOptions {
  // "tab" or one character.
  std::string separator = ",";
  // "." or ",".
  std::string decimal = ".";
  // As tables::ParseEncoding takes it; "" tells UTF-8 from UTF-16.
  std::string encoding;
  // Further texts that stand for no value, besides tables::IsMissingMark.
  std::vector<std::string> missing;
};

class DataTable {
 public:
  // INVALID_ARGUMENT: no table, a row that is longer or shorter than the
  // header, two columns of one name, a header of numbers, no rows. A column
  // without a name is "column 3".
  static absl::StatusOr<DataTable> Parse(absl::string_view bytes,
                                         absl::string_view file,
                                         const DataTableOptions& options);
  static absl::StatusOr<DataTable> Read(const std::string& path,
                                        const DataTableOptions& options);

  const std::string& file() const { return file_; }
  const std::vector<std::string>& columns() const { return columns_; }
  size_t rows() const { return lines_.size(); }
  // Where a row stands in the file, from 1.
  int64_t line(size_t row) const { return lines_[row]; }
  const std::string& cell(size_t row, size_t column) const {
    return cells_[row * columns_.size() + column];
  }
  bool IsMissing(size_t row, size_t column) const;

  // NOT_FOUND: `option`, which named the column, the name, and the nearest one
  // or all that there are.
  absl::StatusOr<size_t> Find(absl::string_view name,
                              absl::string_view option) const;

  // The column as numbers, NaN where missing. INVALID_ARGUMENT names the first
  // cell that is none.
  absl::StatusOr<std::vector<double>> Numbers(size_t column) const;
  // The column as text. INVALID_ARGUMENT names the first missing cell.
  absl::StatusOr<std::vector<std::string>> Texts(size_t column) const;

  // "FILE:LINE: column "x": what".
  absl::Status ErrorAt(size_t row, size_t column, absl::string_view what) const;

 private:
  absl::Status TakeHeader(const std::vector<std::string>& names);
  absl::Status CheckSeparator(absl::string_view header, char separator) const;

  std::string file_;
  DataTableOptions options_;
  std::vector<std::string> columns_;
  // Row by row.
  std::vector<std::string> cells_;
  std::vector<int64_t> lines_;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_DATA_TABLE_H_
