#include "tools/headway/commands/evidence/data_table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/numbers.h"
#include "daemon/tables/plain_text.h"
#include "daemon/tables/records.h"
#include "tools/headway/input/files.h"

namespace headway::cli {
namespace {

absl::StatusOr<std::string> DecodedTable(absl::string_view bytes,
                                         absl::string_view file,
                                         const std::string& encoding) {
  std::optional<tables::Encoding> chosen;
  if (!encoding.empty()) {
    auto parsed = tables::ParseEncoding(encoding);
    if (!parsed.ok()) return Annotate(parsed.status(), "--encoding");
    chosen = *parsed;
  }
  auto text = tables::DecodeTable(bytes, chosen);
  if (text.ok()) return text;
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", text.status().message()));
}

std::vector<std::string> PlainCells(const tables::RecordReader& reader) {
  std::vector<std::string> cells;
  cells.reserve(reader.cells().size());
  for (const absl::string_view cell : reader.cells()) {
    cells.push_back(tables::PlainText(cell));
  }
  return cells;
}

tables::NumberStyle StyleOf(const DataTableOptions& options) {
  return {.decimal = options.decimal == "," ? ',' : '.'};
}

}  // namespace

absl::Status DataTable::CheckSeparator(absl::string_view header,
                                       char separator) const {
  const char other = tables::OtherSeparator(header, separator);
  if (columns_.size() > 1 || other == '\0') return absl::OkStatus();
  const std::string name = tables::SeparatorName(other);
  return absl::InvalidArgumentError(absl::StrCat(
      file_, ": \"", name, "\" seems to stand between cells; say --separator '",
      name, "', and --decimal , if numbers have a decimal comma"));
}

absl::Status DataTable::TakeHeader(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  size_t numbers = 0;
  for (const std::string& name : names) {
    columns_.push_back(
        name.empty() ? absl::StrCat("column ", columns_.size() + 1) : name);
    if (!seen.insert(columns_.back()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_, ":1: two columns are named \"", columns_.back(),
                       "\"; give each its own name"));
    }
    numbers += tables::ParseNumber(name, StyleOf(options_)).ok() ? 1 : 0;
  }
  if (numbers < names.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      file_,
      ":1: the first row holds numbers alone; begin the table with a "
      "row of the columns' names"));
}

absl::StatusOr<DataTable> DataTable::Parse(absl::string_view bytes,
                                           absl::string_view file,
                                           const DataTableOptions& options) {
  DataTable table;
  table.file_ = std::string(file);
  table.options_ = options;
  ASSIGN_OR_RETURN(const char separator,
                   tables::ParseSeparator(options.separator));
  ASSIGN_OR_RETURN(const std::string text,
                   DecodedTable(bytes, file, options.encoding));
  tables::RecordReader reader(text, {.separator = separator});
  while (true) {
    const absl::StatusOr<bool> more = reader.Next();
    if (!more.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", reader.problem_line(), ":",
                       reader.problem_column(), ": ", more.status().message()));
    }
    if (!*more) break;
    std::vector<std::string> cells = PlainCells(reader);
    if (table.columns_.empty()) {
      RETURN_IF_ERROR(table.TakeHeader(cells));
      RETURN_IF_ERROR(table.CheckSeparator(reader.line_text(), separator));
      continue;
    }
    if (cells.size() != table.columns_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", reader.line(), ": the row has ", cells.size(),
                       " cells, the header ", table.columns_.size(),
                       "; write as many, empty where there is no value"));
    }
    absl::c_move(cells, std::back_inserter(table.cells_));
    table.lines_.push_back(reader.line());
  }
  if (table.rows() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": no rows; write a row of names and then a row a case"));
  }
  return table;
}

absl::StatusOr<DataTable> DataTable::Read(const std::string& path,
                                          const DataTableOptions& options) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return Parse(bytes, path, options);
}

bool DataTable::IsMissing(size_t row, size_t column) const {
  const std::string& text = cell(row, column);
  return tables::IsMissingMark(text) ||
         absl::c_linear_search(options_.missing, text);
}

absl::StatusOr<size_t> DataTable::Find(absl::string_view name,
                                       absl::string_view option) const {
  const auto found = absl::c_find(columns_, name);
  if (found != columns_.end()) return found - columns_.begin();
  const std::string near = DidYouMean(name, columns_);
  constexpr size_t kMost = 30;
  const auto end = columns_.begin() + std::min(kMost, columns_.size());
  return absl::NotFoundError(absl::StrCat(
      option, ": ", file_, " has no column \"", name, "\"",
      near.empty() ? absl::StrCat("; it has ",
                                  absl::StrJoin(columns_.begin(), end, ", "),
                                  columns_.size() > kMost ? ", …" : "")
                   : near));
}

absl::Status DataTable::ErrorAt(size_t row, size_t column,
                                absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(
      file_, ":", line(row), ": column \"", columns_[column], "\": ", what));
}

absl::StatusOr<std::vector<double>> DataTable::Numbers(size_t column) const {
  const tables::NumberStyle style = StyleOf(options_);
  std::vector<double> numbers;
  numbers.reserve(rows());
  for (size_t row = 0; row < rows(); ++row) {
    if (IsMissing(row, column)) {
      numbers.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const auto number = tables::ParseNumber(cell(row, column), style);
    if (!number.ok()) {
      return ErrorAt(row, column,
                     absl::StrCat("\"", cell(row, column),
                                  "\" is not a finite number; leave the cell "
                                  "empty for a missing value, or name the mark "
                                  "with --missing; see --decimal for commas"));
    }
    numbers.push_back(*number);
  }
  return numbers;
}

absl::StatusOr<std::vector<std::string>> DataTable::Texts(size_t column) const {
  std::vector<std::string> texts;
  texts.reserve(rows());
  for (size_t row = 0; row < rows(); ++row) {
    if (cell(row, column).empty()) {
      return ErrorAt(row, column,
                     "the cell is empty; fill it or leave out the "
                     "row");
    }
    texts.push_back(cell(row, column));
  }
  return texts;
}

}  // namespace headway::cli
