// Splits text into records of cells as RFC 4180 defines it: quoted cells that
// hold separators, doubled quotes and line breaks; LF, CRLF or CR at line ends.
// A quote inside an unquoted cell stands for itself. Lines without anything but
// spaces are passed over, and a first line "sep=;", as spreadsheets write it,
// names the separator.
//
//   RecordReader reader(text);
//   while (true) {
//     ASSIGN_OR_RETURN(bool more, reader.Next());
//     if (!more) break;
//     for (absl::string_view cell : reader.cells()) …
//   }
//
// Not thread-safe; the text must outlive the reader.
#ifndef HEADWAY_DAEMON_TABLES_RECORDS_H_
#define HEADWAY_DAEMON_TABLES_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::tables {

class RecordReader {
 public:
  struct Options {
    char separator = ',';
    // Lines that begin with it, after spaces, are passed over; "" for none.
    std::string comment = {};
    size_t max_columns = 4096;
    size_t max_cell_bytes = size_t{1} << 20;
  };

  RecordReader(absl::string_view text, Options options);
  explicit RecordReader(absl::string_view text)
      : RecordReader(text, Options()) {}

  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;

  // Moves to the next record; false at the end. INVALID_ARGUMENT says what is
  // wrong with it; problem_line and problem_column say where.
  absl::StatusOr<bool> Next();
  // Passes over lines as they stand, before the first record.
  void SkipLines(int64_t count);
  // After an error: to the line after the one on which the record began.
  void SkipLine();

  // The record last read; valid until Next.
  const std::vector<absl::string_view>& cells() const { return cells_; }
  absl::string_view cell(size_t column) const { return cells_[column]; }
  // Where a cell begins in its line, in bytes from 1.
  size_t column_of(size_t cell) const { return columns_[cell]; }
  // The line on which it begins, and the text of that line.
  int64_t line() const { return record_line_; }
  absl::string_view line_text() const;

  int64_t problem_line() const { return problem_line_; }
  size_t problem_column() const { return problem_column_; }
  char separator() const { return options_.separator; }

 private:
  absl::Status Malformed(int64_t line, size_t column,
                         absl::string_view problem);
  bool SkipIdleLine();
  absl::Status ReadRecord();
  absl::Status ReadQuoted(absl::string_view* cell);
  absl::string_view ReadPlain();
  bool AtLineEnd() const;
  void SkipLineEnd();
  size_t Column() const { return pos_ - line_begin_ + 1; }

  const absl::string_view text_;
  Options options_;
  size_t pos_ = 0;
  size_t line_begin_ = 0;
  int64_t line_ = 1;
  size_t record_begin_ = 0;
  int64_t record_line_ = 0;
  int64_t problem_line_ = 0;
  size_t problem_column_ = 0;
  std::vector<absl::string_view> cells_;
  std::vector<size_t> columns_;
  // Holds the cells whose doubled quotes had to be undone.
  std::deque<std::string> unescaped_;
};

// "tab", or one character besides a quote; INVALID_ARGUMENT says so.
absl::StatusOr<char> ParseSeparator(absl::string_view text);
// As ParseSeparator takes it.
std::string SeparatorName(char separator);
// The separator that `line`, which holds none of `separator`, seems to use: a
// comma, semicolon, tab or bar; '\0' if none of them occurs.
char OtherSeparator(absl::string_view line, char separator);

// The texts of an option that lists them, "., n/a" or "\"a, b\", c": parts
// between commas without spaces around them, quoted where they hold a comma.
// The whole is one of them too, so that a single text with a comma in it needs
// no quotes. Empty parts are left out.
std::vector<std::string> ListedTexts(absl::string_view option);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_RECORDS_H_
