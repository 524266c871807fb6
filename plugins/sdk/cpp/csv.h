// Reads CSV as RFC 4180 defines it: quoted cells that hold separators, doubled
// quotes and line breaks; LF, CRLF or CR at line ends; a UTF-8 byte order mark.
// Blank lines are passed over. A quote inside an unquoted cell stands for
// itself.
//
//   CsvReader reader(text, "file.csv");
//   RETURN_IF_ERROR(reader.ReadHeader());
//   ASSIGN_OR_RETURN(int value, reader.Column("value"));
//   while (true) {
//     ASSIGN_OR_RETURN(bool more, reader.Next());
//     if (!more) break;
//     ASSIGN_OR_RETURN(double number, reader.Number(value));
//   }
//
// Errors are SystemErrors that name the file, the line and what is wrong.
// Not thread-safe; the text must outlive the reader.
#ifndef HEADWAY_PLUGINS_SDK_CPP_CSV_H_
#define HEADWAY_PLUGINS_SDK_CPP_CSV_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::sdk {

class CsvReader {
 public:
  struct Options {
    char separator = ',';
    size_t max_columns = 4096;
    size_t max_cell_bytes = size_t{1} << 20;
  };

  // `name` stands for the text in errors.
  CsvReader(absl::string_view text, std::string name, Options options);
  CsvReader(absl::string_view text, std::string name)
      : CsvReader(text, std::move(name), Options()) {}

  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // Takes the next record as the header: spaces around names are dropped, and
  // a name must not occur twice. From then on a record must have as many cells.
  absl::Status ReadHeader();
  const std::vector<std::string>& header() const { return header_; }
  // The index of a column; the error lists the columns.
  absl::StatusOr<size_t> Column(absl::string_view name) const;
  std::optional<size_t> FindColumn(absl::string_view name) const;

  // Moves to the next record; false at the end.
  absl::StatusOr<bool> Next();

  // The record last read; valid until Next.
  const std::vector<absl::string_view>& cells() const { return cells_; }
  absl::string_view cell(size_t column) const { return cells_[column]; }
  // The cell as a finite number; the error names the line and the column.
  absl::StatusOr<double> Number(size_t column) const;
  // The line on which it begins, counted from 1.
  int64_t line() const { return record_line_; }

 private:
  absl::Status Malformed(int64_t line, absl::string_view problem) const;
  absl::Status ReadRecord();
  absl::Status ReadQuoted(absl::string_view* cell);
  absl::string_view ReadPlain();
  bool AtLineEnd() const;
  void SkipLineEnd();

  const absl::string_view text_;
  const std::string name_;
  const Options options_;
  size_t pos_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 0;
  std::vector<std::string> header_;
  absl::flat_hash_map<std::string, size_t> columns_;
  std::vector<absl::string_view> cells_;
  // Holds the cells whose doubled quotes had to be undone.
  std::deque<std::string> unescaped_;
};

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_CSV_H_
