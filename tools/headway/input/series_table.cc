#include "tools/headway/input/series_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/utf8.h"
#include "tools/headway/input/files.h"

namespace headway::cli {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Field {
  std::string text;
  int column = 0;  // in the line, from 1, in bytes
};

absl::Status ErrorAt(absl::string_view file, int line, int column,
                     absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(file, ":", line, ":", column, ": ", what));
}

// A cell as a message shows it: on one line, and not all of a long one.
std::string Quoted(absl::string_view text) {
  constexpr size_t kMost = 60;
  size_t end = 0;
  // Not within a character.
  while (end < text.size() && end < kMost) {
    end += std::max<size_t>(1, Utf8Length(text.substr(end)));
  }
  const absl::string_view shown = text.substr(0, end);
  return absl::StrCat(
      "\"",
      IsUtf8(shown) ? absl::Utf8SafeCHexEscape(shown) : absl::CHexEscape(shown),
      end < text.size() ? "…" : "", "\"");
}

// The cells of one line; quoted ones may hold commas but no line breaks.
absl::StatusOr<std::vector<Field>> SplitLine(absl::string_view line,
                                             absl::string_view file,
                                             int line_number) {
  std::vector<Field> fields;
  size_t at = 0;
  while (true) {
    Field field;
    field.column = static_cast<int>(at) + 1;
    if (at < line.size() && line[at] == '"') {
      ++at;
      while (at < line.size() && (line[at] != '"' || (at + 1 < line.size() &&
                                                      line[at + 1] == '"'))) {
        at += line[at] == '"' ? 1 : 0;  // the first of two quotes
        field.text += line[at++];
      }
      if (at == line.size()) {
        return ErrorAt(
            file, line_number, field.column,
            "this quote is not closed on its line; close it, or double "
            "it within a quoted cell");
      }
      ++at;
    }
    const size_t comma = std::min(line.find(',', at), line.size());
    absl::StrAppend(&field.text, line.substr(at, comma - at));
    absl::StripAsciiWhitespace(&field.text);
    fields.push_back(std::move(field));
    if (comma == line.size()) return fields;
    at = comma + 1;
  }
}

bool IsMissing(absl::string_view text) {
  return text.empty() || absl::EqualsIgnoreCase(text, "NA") ||
         absl::EqualsIgnoreCase(text, "NaN");
}

bool ParseValue(absl::string_view text, double* value) {
  if (IsMissing(text)) {
    *value = kMissing;
    return true;
  }
  return absl::SimpleAtod(text, value) && std::isfinite(*value);
}

// Years are numbers too: the name of the first column tells.
bool IsHeader(const std::vector<Field>& fields) {
  for (absl::string_view name : {"", "id", "unique_id", "series", "name"}) {
    if (absl::EqualsIgnoreCase(fields[0].text, name)) return true;
  }
  double ignored;
  return fields.size() > 1 && !ParseValue(fields[1].text, &ignored);
}

absl::StatusOr<SeriesRow> ParseRow(const std::vector<Field>& fields,
                                   absl::string_view file, int line) {
  SeriesRow row;
  row.id = fields[0].text;
  row.line = line;
  if (row.id.empty())
    return ErrorAt(file, line, 1,
                   "the row has no id; write one before the first comma");
  if (!IsUtf8(row.id)) {
    return ErrorAt(file, line, 1,
                   absl::StrCat("the id ", Quoted(row.id),
                                " is not UTF-8; save the file in that "
                                "encoding"));
  }
  if (fields.size() == 1) {
    return ErrorAt(file, line, 1,
                   absl::StrCat(Quoted(row.id),
                                " is a row without values; write "
                                "id,value,value,… with commas between"));
  }
  for (size_t i = 1; i < fields.size(); ++i) {
    double value;
    if (!ParseValue(fields[i].text, &value)) {
      return ErrorAt(file, line, fields[i].column,
                     absl::StrCat(Quoted(fields[i].text),
                                  " is not a finite number; leave the cell "
                                  "empty or write NA for a missing value"));
    }
    row.values.push_back(value);
  }
  while (!row.values.empty() && std::isnan(row.values.back())) {
    row.values.pop_back();
  }
  return row;
}

// Reads line by line, so that what is wrong with one is no matter to the
// others.
class TableReader {
 public:
  explicit TableReader(absl::string_view file) : file_(file) {}

  void Read(absl::string_view content, int line) {
    const absl::Status status = Add(content, line);
    if (!status.ok()) table_.bad_rows.push_back(status);
  }

  SeriesTable Take() { return std::move(table_); }

 private:
  absl::Status Add(absl::string_view content, int line) {
    const bool is_first = std::exchange(is_first_, false);
    ASSIGN_OR_RETURN(const std::vector<Field> fields,
                     SplitLine(content, file_, line));
    if (is_first && IsHeader(fields)) return absl::OkStatus();
    ASSIGN_OR_RETURN(SeriesRow row, ParseRow(fields, file_, line));
    const auto [found, inserted] = lines_of_ids_.try_emplace(row.id, line);
    if (!inserted) {
      return ErrorAt(
          file_, line, 1,
          absl::StrCat("the id ", Quoted(row.id), " is that of line ",
                       found->second, " already; give every series its own"));
    }
    table_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }

  const absl::string_view file_;
  bool is_first_ = true;
  absl::flat_hash_map<std::string, int> lines_of_ids_;
  SeriesTable table_;
};

}  // namespace

absl::StatusOr<SeriesTable> ParseSeriesTable(absl::string_view text,
                                             absl::string_view file) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  TableReader reader(file);
  for (int line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::string_view content =
        absl::StripTrailingAsciiWhitespace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!content.empty()) reader.Read(content, line);
  }
  SeriesTable table = reader.Take();
  if (table.rows.empty() && table.bad_rows.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": no series; write a row id,value,value,… each"));
  }
  return table;
}

absl::StatusOr<SeriesTable> ReadSeriesTable(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseSeriesTable(text, path);
}

}  // namespace headway::cli
