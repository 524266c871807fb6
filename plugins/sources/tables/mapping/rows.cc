#include "plugins/sources/tables/mapping/rows.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/tables/plain_text.h"

namespace headway::mapping {
namespace {

using sdk::ConfigError;

// Publishers write no longer prefaces than that.
constexpr int kMostRowsAboveHeader = 100;

// "*" at an end of the pattern stands for any rest.
bool FitsPattern(absl::string_view text, absl::string_view pattern) {
  const bool any_start = absl::ConsumePrefix(&pattern, "*");
  const bool any_end = absl::ConsumeSuffix(&pattern, "*");
  if (any_start && any_end) return absl::StrContains(text, pattern);
  if (any_start) return absl::EndsWith(text, pattern);
  if (any_end) return absl::StartsWith(text, pattern);
  return text == pattern;
}

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

absl::StatusOr<std::unique_ptr<Rows>> Rows::Open(const Input& input,
                                                 const RowOptions& options,
                                                 const IsHeader& is_header) {
  const auto open = [&] {
    return std::unique_ptr<Rows>(new Rows(input, options));
  };
  std::unique_ptr<Rows> rows = open();
  int above = 0;
  if (!options.skip_lines.has_value()) {
    while (above < kMostRowsAboveHeader && rows->ReadHeader().ok() &&
           !is_header(rows->header_)) {
      ++above;
      // A header of several rows may begin at any of them.
      rows = open();
      rows->SkipRecords(above);
    }
    // Where no row will do, the very first says best what is wrong.
    if (above == kMostRowsAboveHeader || !is_header(rows->header_)) above = 0;
    rows = open();
  }
  rows->SkipRecords(above);
  RETURN_IF_ERROR(rows->ReadHeader());
  const std::string hint = rows->records_->SeparatorHint();
  if (rows->header_.size() == 1 && !hint.empty()) {
    return rows->BadLine(
        rows->line(),
        absl::StrCat("the header is one cell, \"",
                     rows->header_.names()[0].substr(0, 80), "\"; ", hint));
  }
  RETURN_IF_ERROR(rows->ResolveConditions());
  return rows;
}

void Rows::SkipRecords(int count) {
  for (int i = 0; i < count && records_->Next().ok(); ++i) continue;
}

// The names of a header of several rows are joined; a cell that is merged over
// them stands in each, and counts once.
absl::Status Rows::ReadHeader() {
  std::vector<std::string> names;
  for (int i = 0; i < options_.header_rows; ++i) {
    ASSIGN_OR_RETURN(const bool more, NextRecord());
    if (!more) {
      return BadLine(1, i == 0 ? "the table is empty; a header is needed"
                               : "the table ends within the header; see the "
                                 "option header_rows");
    }
    if (i == 0) header_line_ = records_->number();
    const auto& cells = records_->cells();
    names.resize(std::max(names.size(), cells.size()));
    for (size_t column = 0; column < cells.size(); ++column) {
      const std::string part = tables::PlainText(cells[column]);
      std::string& name = names[column];
      if (part.empty() || name == part) continue;
      absl::StrAppend(&name, name.empty() ? "" : " ", part);
    }
  }
  header_ = Header(std::move(names));
  return absl::OkStatus();
}

absl::StatusOr<bool> Rows::NextRecord() {
  const auto more = records_->Next();
  if (more.ok()) return *more;
  return BadLine(records_->number(), more.status().message());
}

absl::Status Rows::ResolveConditions() {
  for (const Condition& condition : options_.where) {
    ASSIGN_OR_RETURN(const auto column, header_.Find(condition.column));
    if (!column) {
      return sdk::ConfigError(absl::StrCat(
          input_.name(), ": option where: the table has no column \"",
          condition.column, "\"; it has ", header_.ToString(),
          DidYouMean(condition.column, header_.names())));
    }
    condition_columns_.push_back(*column);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Rows::Next() {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, NextRecord());
    if (!more) return false;
    const auto& written = records_->cells();
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
    if (!MeetsConditions()) {
      ++filtered_count_;
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
  return absl::c_any_of(options_.ignore_rows, [=](absl::string_view text) {
    return FitsPattern(first_filled, text);
  });
}

// A row that is too short for a condition is a note, and meets none.
bool Rows::MeetsConditions() const {
  for (size_t i = 0; i < condition_columns_.size(); ++i) {
    const size_t column = condition_columns_[i];
    const absl::string_view cell =
        column < cells_.size() ? cells_[column] : absl::string_view();
    const auto fits = [=](absl::string_view text) {
      return FitsPattern(cell, text);
    };
    if (!absl::c_any_of(options_.where[i].texts, fits)) return false;
  }
  return true;
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
  return ConfigError(absl::StrCat(input_.Where(line), ": ", problem));
}

}  // namespace headway::mapping
