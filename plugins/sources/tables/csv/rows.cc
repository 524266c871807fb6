#include "plugins/sources/tables/csv/rows.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/plain_text.h"

namespace headway::csv {
namespace {

using sdk::ConfigError;

// Publishers write no longer prefaces than that.
constexpr int kMostRowsAboveHeader = 100;

}  // namespace

bool Header::Has(absl::string_view name) const {
  return absl::c_linear_search(names_, name);
}

absl::StatusOr<std::optional<size_t>> Header::Find(
    absl::string_view name) const {
  const auto first = absl::c_find(names_, name);
  if (name.empty() || first == names_.end()) return std::nullopt;
  if (std::find(first + 1, names_.end(), name) != names_.end()) {
    return ConfigError(absl::StrCat("the header names column \"", name,
                                    "\" twice, and it is needed; rename one of "
                                    "them in the table"));
  }
  return first - names_.begin();
}

std::string Header::ToString() const {
  std::vector<absl::string_view> named;
  for (const std::string& name : names_) {
    if (!name.empty()) named.push_back(name);
  }
  return absl::StrJoin(named, ", ");
}

absl::StatusOr<std::unique_ptr<Rows>> Rows::Open(absl::string_view text,
                                                 const std::string& name,
                                                 const TextOptions& options,
                                                 const IsHeader& is_header) {
  const auto open = [&] {
    return std::unique_ptr<Rows>(new Rows(text, name, options));
  };
  std::unique_ptr<Rows> rows = open();
  int above = 0;
  if (!options.skip_lines.has_value()) {
    while (above < kMostRowsAboveHeader && rows->ReadHeader().ok() &&
           !is_header(rows->header_)) {
      ++above;
    }
    // Where no row will do, the very first says best what is wrong.
    if (above == kMostRowsAboveHeader || !is_header(rows->header_)) above = 0;
    rows = open();
  }
  for (int i = 0; i <= above; ++i) RETURN_IF_ERROR(rows->ReadHeader());
  const tables::RecordReader& records = rows->records_;
  const char other =
      tables::OtherSeparator(records.line_text(), records.separator());
  if (rows->header_.size() == 1 && other != '\0') {
    return rows->BadLine(
        rows->line(), absl::StrCat("the header is one cell, \"",
                                   rows->header_.names()[0].substr(0, 80),
                                   "\"; if \"", tables::SeparatorName(other),
                                   "\" stands between cells, set separator = ",
                                   tables::SeparatorName(other)));
  }
  return rows;
}

absl::Status Rows::ReadHeader() {
  ASSIGN_OR_RETURN(const bool more, NextRecord());
  if (!more) return BadLine(1, "the table is empty; a header is needed");
  std::vector<std::string> names;
  for (absl::string_view cell : records_.cells()) {
    names.push_back(tables::PlainText(cell));
  }
  header_ = Header(std::move(names));
  header_line_ = records_.line();
  return absl::OkStatus();
}

absl::StatusOr<bool> Rows::NextRecord() {
  const auto more = records_.Next();
  if (more.ok()) return *more;
  return BadLine(records_.problem_line(), more.status().message());
}

absl::StatusOr<bool> Rows::Next() {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, NextRecord());
    if (!more) return false;
    const auto& written = records_.cells();
    cells_.resize(written.size());
    scratch_.resize(std::max(scratch_.size(), written.size()));
    absl::string_view first_filled;
    for (size_t i = 0; i < written.size(); ++i) {
      cells_[i] = tables::PlainText(written[i], &scratch_[i]);
      if (first_filled.empty()) first_filled = cells_[i];
    }
    if (first_filled.empty()) continue;
    if (IsIgnored(first_filled)) {
      ++ignored_count_;
      continue;
    }
    RETURN_IF_ERROR(FitToHeader());
    ++count_;
    return true;
  }
}

// Spreadsheets end rows in separators, or leave them out under columns without
// a name.
absl::Status Rows::FitToHeader() {
  const auto is_empty = [](absl::string_view text) { return text.empty(); };
  const size_t cells = cells_.size();
  const size_t columns = header_.size();
  bool fits = true;
  if (cells > columns) {
    fits = std::all_of(cells_.begin() + columns, cells_.end(), is_empty);
  } else {
    fits = std::all_of(header_.names().begin() + cells, header_.names().end(),
                       is_empty);
  }
  if (fits) {
    cells_.resize(columns);
    return absl::OkStatus();
  }
  return BadLine(
      line(),
      absl::StrCat(
          "the row has ", cells, cells == 1 ? " cell" : " cells",
          ", the header ", columns,
          cells > columns
              ? "; quote cells that hold the separator, as numbers with a "
                "decimal comma do"
              : "; if it is a note, list how it begins in the option "
                "ignore_rows, or what its line begins with in comment",
          " (it begins with \"", cells_[0].substr(0, 40), "\")"));
}

bool Rows::IsIgnored(absl::string_view first_filled) const {
  return absl::c_any_of(ignore_rows_, [=](absl::string_view text) {
    return absl::ConsumeSuffix(&text, "*")
               ? absl::StartsWith(first_filled, text)
               : first_filled == text;
  });
}

absl::string_view Rows::cell(std::optional<size_t> column) const {
  return column ? cells_[*column] : absl::string_view();
}

std::optional<absl::string_view> Rows::nameless_cell() const {
  for (size_t i = 0; i < header_.size(); ++i) {
    if (header_.names()[i].empty() && !cells_[i].empty()) return cells_[i];
  }
  return std::nullopt;
}

absl::Status Rows::BadCell(size_t column, absl::string_view problem) const {
  return BadLine(line(),
                 absl::StrCat("column \"", header_.names()[column], "\": \"",
                              cells_[column].substr(0, 80), "\" ", problem));
}

absl::Status Rows::BadLine(int64_t line, absl::string_view problem) const {
  return ConfigError(absl::StrCat(name_, ":", line, ": ", problem));
}

}  // namespace headway::csv
