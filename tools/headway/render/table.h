// A table for people and for programs: aligned text, or CSV.
#ifndef HEADWAY_TOOLS_HEADWAY_RENDER_TABLE_H_
#define HEADWAY_TOOLS_HEADWAY_RENDER_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"

namespace headway::cli {

enum class Align { kLeft, kRight };

// Colours, used only on a terminal.
enum class Style { kPlain, kGood, kBad, kFaint };

struct Column {
  // In CSV as it is, "last_period"; in text "LAST PERIOD".
  std::string name;
  Align align = Align::kLeft;
  // May be cut where the table is too wide.
  bool shrinkable = false;
  // Left out of the text: only programs need it.
  bool csv_only = false;
};

struct Cell {
  // For people (text), and for programs (CSV).
  std::string text;
  std::string exact;
  Style style = Style::kPlain;

  Cell() = default;
  // The same for both.
  Cell(std::string both)  // NOLINT: tables read better without constructors
      : text(both), exact(std::move(both)) {}
  Cell(const char* both) : Cell(std::string(both)) {}  // NOLINT
  Cell(std::string people, std::string programs, Style look = Style::kPlain)
      : text(std::move(people)), exact(std::move(programs)), style(look) {}
};

// A value in a unit, a difference of two such values, a count.
Cell ValueCell(double value, absl::string_view unit);
Cell ChangeCell(double change, absl::string_view unit);
Cell CountCell(int64_t count);
// Absent for a timestamp that was never set.
Cell InstantCell(const google::protobuf::Timestamp& instant);
Cell MissingCell();
// A number of no unit that is named; a missing cell if it is not there.
Cell NumberCell(bool is_there, double value);

// How text is laid out.
struct TextOptions {
  // Shrinkable columns are cut until a line fits; 0 is without limit.
  int max_width = 0;
  bool colour = false;
  std::string indent;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Columns are two spaces apart; lines have no blanks at their end.
  std::string ToText(const TextOptions& options) const;
  // RFC 4180, with a header row and lines that end in a newline only.
  std::string ToCsv() const;

 private:
  std::vector<int> ColumnWidths(const TextOptions& options) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// `text` between the escape sequences of `style`, where colour is wanted.
std::string Paint(absl::string_view text, Style style, bool colour);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_RENDER_TABLE_H_
