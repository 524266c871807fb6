#include "tools/headway/render/table.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/number_text.h"
#include "daemon/tables/formulas.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

constexpr int kGap = 2;
constexpr int kLeastShrunkWidth = 8;

std::string HeaderText(absl::string_view name) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"_", " "}}));
}

absl::string_view EscapeSequence(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
    case Style::kFaint:
      return "\x1b[2m";
  }
  return "";
}

std::string CsvField(absl::string_view cell) {
  std::string text =
      absl::StrCat(tables::NeedsApostrophe(cell) ? "'" : "", cell);
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

// One cell, filled up with blanks to `width`.
std::string Pad(const Cell& cell, Align align, int width, bool colour) {
  const std::string text = Truncate(cell.text, width);
  const std::string blanks(width - DisplayWidth(text), ' ');
  const std::string painted = Paint(text, cell.style, colour);
  return align == Align::kLeft ? painted + blanks : blanks + painted;
}

}  // namespace

std::string Paint(absl::string_view text, Style style, bool colour) {
  if (!colour || style == Style::kPlain) return std::string(text);
  return absl::StrCat(EscapeSequence(style), text, "\x1b[0m");
}

Cell ValueCell(double value, absl::string_view unit) {
  return Cell(FormatValue(value, unit), FormatExact(value));
}

Cell ChangeCell(double change, absl::string_view unit) {
  return Cell(FormatChange(change, unit), FormatExact(change));
}

Cell CountCell(int64_t count) {
  return Cell(FormatCount(count), absl::StrCat(count));
}

Cell InstantCell(const google::protobuf::Timestamp& instant) {
  const std::string text = FormatMinute(instant);
  if (text.empty()) return MissingCell();
  return Cell(text, FormatExactInstant(instant));
}

Cell MissingCell() { return Cell("–", "", Style::kFaint); }

Cell NumberCell(bool is_there, double value) {
  return is_there ? Cell(FormatNumber(value), FormatExact(value))
                  : MissingCell();
}

void Table::AddRow(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<int> Table::ColumnWidths(const TextOptions& options) const {
  std::vector<int> widths(columns_.size(), 0);
  int total = static_cast<int>(options.indent.size()) - kGap;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].csv_only) continue;
    widths[i] = DisplayWidth(HeaderText(columns_[i].name));
    for (const auto& row : rows_) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
    }
    total += widths[i] + kGap;
  }
  // Takes a column from the widest that may shrink, one at a time, so that they
  // end up alike.
  while (options.max_width > 0 && total > options.max_width) {
    int* widest = nullptr;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].shrinkable || widths[i] <= kLeastShrunkWidth) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string Table::ToText(const TextOptions& options) const {
  const std::vector<int> widths = ColumnWidths(options);
  std::vector<Cell> header;
  for (const Column& column : columns_) {
    header.push_back(Cell(HeaderText(column.name), "", Style::kFaint));
  }
  std::string text;
  const auto add_line = [&](const std::vector<Cell>& cells) {
    std::string line = options.indent;
    absl::string_view gap = "";
    for (size_t i = 0; i < cells.size(); ++i) {
      if (columns_[i].csv_only) continue;
      absl::StrAppend(
          &line, gap,
          Pad(cells[i], columns_[i].align, widths[i], options.colour));
      gap = "  ";
    }
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  };
  add_line(header);
  for (const auto& row : rows_) add_line(row);
  return text;
}

std::string Table::ToCsv() const {
  std::string text =
      absl::StrCat(absl::StrJoin(columns_, ",",
                                 [](std::string* out, const Column& column) {
                                   absl::StrAppend(out, CsvField(column.name));
                                 }),
                   "\n");
  for (const auto& row : rows_) {
    absl::StrAppend(&text,
                    absl::StrJoin(row, ",",
                                  [](std::string* out, const Cell& cell) {
                                    absl::StrAppend(out, CsvField(cell.exact));
                                  }),
                    "\n");
  }
  return text;
}

}  // namespace headway::cli
