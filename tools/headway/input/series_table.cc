#include "tools/headway/input/series_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/utf8.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/periods/notation.h"
#include "daemon/tables/plain_text.h"
#include "daemon/tables/records.h"
#include "tools/headway/input/files.h"
#include "tools/headway/input/long_layout.h"

namespace headway::cli {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// Competitions have rows of some ten thousand values.
constexpr size_t kMostCells = size_t{1} << 20;

struct Field {
  std::string text;
  size_t column = 0;  // in the line, from 1, in bytes
};

absl::Status ErrorAt(absl::string_view file, int line, size_t column,
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

// What is wrong with the whole table.
absl::Status Refuse(absl::string_view file, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", problem));
}

// The same, of an error that begins with the line.
absl::Status RefuseFrom(absl::string_view file, const absl::Status& error) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", error.message()));
}

// Reads line by line, so that what is wrong with one is no matter to the
// others: quoted cells hold no line breaks.
class TableReader {
 public:
  TableReader(absl::string_view file, const SeriesTableOptions& options)
      : file_(file),
        options_(options),
        separator_(options.separator),
        long_layout_(options.keep_steps) {}

  // An error is one of the whole table.
  absl::Status Read(absl::string_view content, int line) {
    if (!header_) {
      const bool names_separator =
          content.size() == 5 && absl::StartsWithIgnoreCase(content, "sep=");
      if (names_separator && line == 1) {
        separator_ = content[4];
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(ReadFirst(content, line));
      if (header_->is_header) return absl::OkStatus();
    }
    const absl::Status status =
        header_->long_columns ? AddPoint(content, line) : Add(content, line);
    if (!status.ok()) table_.bad_rows.push_back(status);
    return absl::OkStatus();
  }

  absl::StatusOr<SeriesTable> Take() {
    TakeLongLayout();
    if (table_.rows.empty() && table_.bad_rows.empty()) {
      return Refuse(file_, "no series; write a row id,value,value,… each");
    }
    RETURN_IF_ERROR(CheckIdsAreNoPeriods());
    return std::move(table_);
  }

 private:
  absl::StatusOr<std::vector<Field>> Split(absl::string_view line,
                                           int line_number) const {
    tables::RecordReader reader(
        line, {.separator = separator_, .max_columns = kMostCells});
    const absl::StatusOr<bool> more = reader.Next();
    if (!more.ok()) {
      return ErrorAt(file_, line_number, reader.problem_column(),
                     more.status().message());
    }
    std::vector<Field> fields;
    for (size_t i = 0; i < reader.cells().size(); ++i) {
      const absl::string_view cell = reader.cell(i);
      fields.push_back(
          {IsUtf8(cell) ? tables::PlainText(cell) : std::string(cell),
           reader.column_of(i)});
    }
    // Of a line that holds nothing but a byte order mark.
    if (fields.empty()) fields.push_back({"", 1});
    return fields;
  }

  // Decides what the table is by its first row.
  absl::Status ReadFirst(absl::string_view content, int line) {
    const absl::StatusOr<std::vector<Field>> fields = Split(content, line);
    header_ = SeriesHeader();
    // Said when the row is read.
    if (!fields.ok()) return absl::OkStatus();
    std::vector<std::string> cells;
    for (const Field& field : *fields) cells.push_back(field.text);
    while (cells.size() > 1 && cells.back().empty()) cells.pop_back();
    RETURN_IF_ERROR(CheckSeparator(content, cells));
    auto header = ReadSeriesHeader(cells, options_.header, options_.numbers);
    if (!header.ok()) return Refuse(file_, header.status().message());
    header_ = *std::move(header);
    return absl::OkStatus();
  }

  absl::Status CheckSeparator(absl::string_view content,
                              const std::vector<std::string>& cells) const {
    const char other = tables::OtherSeparator(content, separator_);
    const auto others = std::count(content.begin(), content.end(), other);
    const bool few = static_cast<size_t>(others) + 1 < cells.size();
    const bool reads =
        cells.size() > 1 &&
        std::all_of(cells.begin() + 1, cells.end(),
                    [this](const std::string& cell) { return IsValue(cell); });
    if (other == '\0' || few || reads) return absl::OkStatus();
    const std::string name = tables::SeparatorName(other);
    return Refuse(file_,
                  absl::StrCat("\"", name,
                               "\" seems to stand between cells; say "
                               "--separator '",
                               name,
                               "', and --decimal , if numbers have a decimal "
                               "comma"));
  }

  bool IsValue(absl::string_view cell) const {
    return tables::IsMissingMark(cell) ||
           tables::ParseNumber(cell, options_.numbers).ok();
  }

  absl::StatusOr<double> ToValue(const Field& field, int line) const {
    if (tables::IsMissingMark(field.text)) return kMissing;
    const auto value = tables::ParseNumber(field.text, options_.numbers);
    if (value.ok()) return *value;
    return ErrorAt(file_, line, field.column,
                   absl::StrCat(Quoted(field.text),
                                " is not a finite number; leave the cell "
                                "empty or write NA for a missing value",
                                absl::StrContains(field.text, ',')
                                    ? ", or say --decimal , if the comma is "
                                      "the decimal mark"
                                    : ""));
  }

  absl::Status CheckId(absl::string_view id, int line) const {
    if (id.empty()) {
      return ErrorAt(file_, line, 1,
                     "the row has no id; write one before the first comma");
    }
    if (IsUtf8(id)) return absl::OkStatus();
    return ErrorAt(file_, line, 1,
                   absl::StrCat("the id ", Quoted(id),
                                " is not UTF-8; save the file in that "
                                "encoding"));
  }

  absl::StatusOr<SeriesRow> ToRow(const std::vector<Field>& fields,
                                  int line) const {
    SeriesRow row;
    row.id = fields[0].text;
    row.line = line;
    RETURN_IF_ERROR(CheckId(row.id, line));
    if (fields.size() == 1) {
      return ErrorAt(file_, line, 1,
                     absl::StrCat(Quoted(row.id),
                                  " is a row without values; write "
                                  "id,value,value,… with commas between"));
    }
    for (size_t i = 1; i < fields.size(); ++i) {
      ASSIGN_OR_RETURN(const double value, ToValue(fields[i], line));
      row.values.push_back(value);
    }
    while (!row.values.empty() && std::isnan(row.values.back())) {
      row.values.pop_back();
    }
    if (header_->periods && row.values.size() > *header_->periods) {
      return ErrorAt(file_, line, fields[*header_->periods + 1].column,
                     absl::StrCat("the row has more values than the header ",
                                  "has periods, ", *header_->periods));
    }
    return row;
  }

  absl::Status Add(absl::string_view content, int line) {
    ASSIGN_OR_RETURN(const std::vector<Field> fields, Split(content, line));
    ASSIGN_OR_RETURN(SeriesRow row, ToRow(fields, line));
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

  absl::Status AddPoint(absl::string_view content, int line) {
    ASSIGN_OR_RETURN(const std::vector<Field> fields, Split(content, line));
    const LongColumns& columns = *header_->long_columns;
    const size_t needed =
        1 + std::max({columns.id.value_or(0), columns.step, columns.value});
    if (fields.size() < needed) {
      return ErrorAt(file_, line, 1,
                     absl::StrCat("the row has ", fields.size(),
                                  " cells, the header ", needed));
    }
    const std::string id = columns.id ? fields[*columns.id].text : "y";
    RETURN_IF_ERROR(CheckId(id, line));
    absl::Status added =
        AddPoint(id, fields[columns.step], fields[columns.value], line);
    if (!added.ok()) long_layout_.Spoil(id);
    return added;
  }

  absl::Status AddPoint(absl::string_view id, const Field& step,
                        const Field& cell, int line) {
    ASSIGN_OR_RETURN(const double value, ToValue(cell, line));
    // What holds a character that is escaped is no step.
    const absl::Status added =
        long_layout_.Add(id, absl::Utf8SafeCHexEscape(step.text), value, line);
    if (added.ok()) return added;
    return ErrorAt(file_, line, step.column, added.message());
  }

  void TakeLongLayout() {
    for (LongLayout::Series& series : long_layout_.Take()) {
      if (series.status.ok()) {
        table_.rows.push_back({std::move(series.id), std::move(series.values),
                               series.line, std::move(series.steps)});
      } else {
        table_.bad_rows.push_back(
            ErrorAt(file_, series.line, 1,
                    absl::StrCat("the series ", Quoted(series.id), ": ",
                                 series.status.message())));
      }
    }
  }

  // A row a period and a column a series, without a header that says so.
  absl::Status CheckIdsAreNoPeriods() const {
    constexpr size_t kFewRows = 3;
    if (table_.rows.size() < kFewRows || header_->long_columns) {
      return absl::OkStatus();
    }
    std::optional<series::Period> last;
    for (const SeriesRow& row : table_.rows) {
      const auto period = tables::ReadPeriod(row.id);
      if (!period.ok()) return absl::OkStatus();
      if (last && (last->frequency != period->frequency ||
                   last->ordinal + 1 != period->ordinal)) {
        return absl::OkStatus();
      }
      last = *period;
    }
    return Refuse(file_,
                  "the first column holds periods that follow one another: a "
                  "row is a period here, and a column a series; turn it into a "
                  "row a series, id,value,value,…, or into unique_id,ds,y");
  }

  const absl::string_view file_;
  const SeriesTableOptions& options_;
  char separator_;
  // Absent until the first row.
  std::optional<SeriesHeader> header_;
  absl::flat_hash_map<std::string, int> lines_of_ids_;
  LongLayout long_layout_;
  SeriesTable table_;
};

// Takes a line off the front, without what ends it and spaces before that.
absl::string_view TakeLine(absl::string_view* text) {
  const size_t end = std::min(text->find_first_of("\r\n"), text->size());
  const absl::string_view line =
      absl::StripTrailingAsciiWhitespace(text->substr(0, end));
  text->remove_prefix(end);
  if (!absl::ConsumePrefix(text, "\r\n") && !text->empty()) {
    text->remove_prefix(1);
  }
  return line;
}

// UTF-16, which alone is decoded: rows that are not UTF-8 are named one by one.
bool IsUtf16(absl::string_view bytes) {
  return absl::StartsWith(bytes, "\xFF\xFE") ||
         absl::StartsWith(bytes, "\xFE\xFF") ||
         (bytes.size() > 1 && (bytes[0] == '\0' || bytes[1] == '\0'));
}

}  // namespace

absl::StatusOr<SeriesTable> ParseSeriesTable(
    absl::string_view text, absl::string_view file,
    const SeriesTableOptions& options) {
  std::string decoded;
  if (IsUtf16(text)) {
    auto utf8 = tables::DecodeTable(text);
    if (!utf8.ok()) return RefuseFrom(file, utf8.status());
    decoded = *std::move(utf8);
    text = decoded;
  } else if (absl::Status table = tables::CheckIsTable(text); !table.ok()) {
    return RefuseFrom(file, table);
  }
  absl::ConsumePrefix(&text, kByteOrderMark);
  TableReader reader(file, options);
  for (int line = 1; !text.empty(); ++line) {
    const absl::string_view content = TakeLine(&text);
    if (!content.empty()) RETURN_IF_ERROR(reader.Read(content, line));
  }
  return reader.Take();
}

absl::StatusOr<SeriesTable> ReadSeriesTable(const std::string& path,
                                            const SeriesTableOptions& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseSeriesTable(text, path, options);
}

}  // namespace headway::cli
