// A table as rows of named cells: what lies above the header, between the rows
// and below them is passed over or refused here.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_ROWS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_ROWS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sources/tables/mapping/input.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::mapping {

// The names of the columns. A column whose cell in the header is empty has no
// name and is none: spreadsheets leave them behind.
class Header {
 public:
  Header() = default;
  explicit Header(std::vector<std::string> names) : names_(std::move(names)) {}

  const std::vector<std::string>& names() const { return names_; }
  size_t size() const { return names_.size(); }
  bool Has(absl::string_view name) const;
  // Absent: there is no such column. A ConfigError: there are two.
  absl::StatusOr<std::optional<size_t>> Find(absl::string_view name) const;
  // Those that have names, for messages.
  std::string ToString() const;

 private:
  std::vector<std::string> names_;
};

class Rows {
 public:
  using IsHeader = std::function<bool(const Header&)>;

  // `input` and `options` must outlive it. Reads the header: the first of the
  // upper rows for which `is_header` holds, or the very first; after
  // skip_lines, whichever row comes first.
  static absl::StatusOr<std::unique_ptr<Rows>> Open(const Input& input,
                                                    const RowOptions& options,
                                                    const IsHeader& is_header);

  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  const Header& header() const { return header_; }
  // The number of the header's record.
  int64_t header_line() const { return header_line_; }

  // Moves to the next row; false at the end. Rows without a filled cell, those
  // of ignore_rows and those that `where` leaves out are passed over.
  absl::StatusOr<bool> Next();
  // A cell of the row, in plain text; "" for a column that is absent.
  absl::string_view cell(std::optional<size_t> column) const;
  // The first filled cell that lies under no name; absent if there is none.
  std::optional<absl::string_view> nameless_cell() const;
  int64_t line() const { return records_->number(); }
  // How a sentence names a row: "line 12".
  std::string Place(int64_t line) const { return input_.Place(line); }
  int64_t count() const { return count_; }
  int64_t ignored_count() const { return ignored_count_; }
  // How many rows `where` left out.
  int64_t filtered_count() const { return filtered_count_; }

  // ConfigErrors that name the table and the row.
  absl::Status BadCell(size_t column, absl::string_view problem) const;
  absl::Status BadLine(int64_t line, absl::string_view problem) const;

 private:
  Rows(const Input& input, const RowOptions& options)
      : input_(input), options_(options), records_(input.Read()) {
    records_->Skip(options.skip_lines.value_or(0));
  }

  absl::StatusOr<bool> NextRecord();
  void SkipRecords(int count);
  absl::Status ReadHeader();
  absl::Status FitToHeader();
  absl::Status ResolveConditions();
  bool IsIgnored(absl::string_view first_filled) const;
  bool MeetsConditions() const;

  const Input& input_;
  const RowOptions& options_;
  std::unique_ptr<Records> records_;
  Header header_;
  int64_t header_line_ = 0;
  // The columns of the options' conditions, in their order.
  std::vector<size_t> condition_columns_;
  std::vector<absl::string_view> cells_;
  // Holds the cells whose plain text differs from what was written.
  std::vector<std::string> scratch_;
  int64_t count_ = 0;
  int64_t ignored_count_ = 0;
  int64_t filtered_count_ = 0;
};

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_ROWS_H_
