// Reads CSV with a header: the records of daemon/tables/records.h, whose cells
// have the names of their columns.
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
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/tables/records.h"

namespace headway::sdk {

class CsvReader {
 public:
  using Options = tables::RecordReader::Options;

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
  const std::vector<absl::string_view>& cells() const {
    return records_.cells();
  }
  absl::string_view cell(size_t column) const { return records_.cell(column); }
  // The cell as a finite number; the error names the line and the column.
  absl::StatusOr<double> Number(size_t column) const;
  // The line on which it begins, counted from 1.
  int64_t line() const { return records_.line(); }

 private:
  absl::Status Malformed(int64_t line, absl::string_view problem) const;

  tables::RecordReader records_;
  const std::string name_;
  std::vector<std::string> header_;
  absl::flat_hash_map<std::string, size_t> columns_;
};

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_CSV_H_
