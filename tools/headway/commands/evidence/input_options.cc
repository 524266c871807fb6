#include "tools/headway/commands/evidence/input_options.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/tables/records.h"

namespace headway::cli {

void AddFileOptions(CLI::App& command, InputOptions& options) {
  command
      .add_option("--csv", options.csv,
                  "The table: a row of names, then a row a case")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--separator", options.file.separator,
                  "What stands between cells: one character, or tab")
      ->type_name("CHARACTER")
      ->capture_default_str();
  command
      .add_option("--decimal", options.file.decimal,
                  "The decimal mark, a point or a comma")
      ->check(CLI::IsMember({".", ","}))
      ->type_name(".|,")
      ->capture_default_str();
  command
      .add_option("--encoding", options.file.encoding,
                  "Of the file, where it is not UTF-8: latin-1, windows-1252, "
                  "utf-16")
      ->type_name("NAME");
  command
      .add_option("--missing", options.missing,
                  "Further texts that stand for a missing value, besides NA, "
                  "NaN, an empty cell and the like: -999,*")
      ->type_name("TEXT[,TEXT]");
}

void AddTimeOptions(CLI::App& command, InputOptions& options) {
  command
      .add_option("--time", options.time,
                  "The column of periods; without one the rows count from 1")
      ->type_name("COLUMN");
  CLI::Option* format =
      command
          .add_option("--time-format", options.axis.format,
                      "How periods are written, where they can mean several "
                      "things: %d/%m/%Y")
          ->type_name("FORMAT");
  command
      .add_flag("--time-as-written", options.axis.as_written,
                "Periods are words; their order is that in which they first "
                "occur")
      ->excludes(format);
  command.add_option("--from", options.from, "The first period that is used")
      ->type_name("PERIOD");
  command.add_option("--to", options.to, "The last period that is used")
      ->type_name("PERIOD");
}

void AddPanelColumns(CLI::App& command, InputOptions& options) {
  command
      .add_option("--unit", options.unit,
                  "The column of units, where a row is a unit and period; "
                  "without it every column is a series")
      ->type_name("COLUMN");
  command
      .add_option("--outcome", options.outcome,
                  "The column of the outcome; without --unit the series that "
                  "is studied")
      ->type_name("COLUMN");
}

absl::StatusOr<DataTable> ReadInput(const InputOptions& options) {
  DataTableOptions file = options.file;
  file.missing = tables::ListedTexts(options.missing);
  return DataTable::Read(options.csv, file);
}

absl::StatusOr<TimeAxis> TimeOf(const DataTable& table,
                                const InputOptions& options) {
  if (options.time.empty()) return TimeAxis::OfRows(table.rows());
  ASSIGN_OR_RETURN(const size_t column, table.Find(options.time, "--time"));
  ASSIGN_OR_RETURN(const auto texts, table.Texts(column));
  auto axis = TimeAxis::Make(texts, options.axis);
  if (axis.ok()) return axis;
  return Annotate(axis.status(), absl::StrCat("--time: column \"", options.time,
                                              "\" of ", table.file()));
}

absl::StatusOr<PeriodRange> RangeOf(const TimeAxis& axis,
                                    const InputOptions& options) {
  PeriodRange range{.end = axis.size()};
  if (!options.from.empty()) {
    ASSIGN_OR_RETURN(range.begin, axis.FirstFrom(options.from, "--from"));
  }
  if (!options.to.empty()) {
    ASSIGN_OR_RETURN(range.end, axis.EndTo(options.to, "--to"));
  }
  if (range.begin < range.end) return range;
  return absl::OutOfRangeError(absl::StrCat("--from ", options.from,
                                            " is after --to ", options.to,
                                            ": no period is left"));
}

absl::StatusOr<std::vector<std::string>> KnownNames(
    absl::string_view list, const std::vector<std::string>& known,
    absl::string_view option, absl::string_view what) {
  list = absl::StripAsciiWhitespace(list);
  if (absl::c_linear_search(known, list)) {
    return std::vector<std::string>{std::string(list)};
  }
  std::vector<std::string> parts = tables::ListedTexts(list);
  // The whole is one of them where it has several.
  if (parts.size() > 1) {
    parts.erase(std::remove(parts.begin(), parts.end(), list), parts.end());
  }
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    if (!absl::c_linear_search(known, part)) {
      const std::string near = DidYouMean(part, known);
      constexpr size_t kMost = 30;
      const auto end = known.begin() + std::min(kMost, known.size());
      return absl::NotFoundError(absl::StrCat(
          option, ": no ", what, " is \"", part, "\"",
          near.empty() ? absl::StrCat("; there are ",
                                      absl::StrJoin(known.begin(), end, ", "),
                                      known.size() > kMost ? ", …" : "")
                       : near));
    }
    if (!absl::c_linear_search(names, part)) names.push_back(part);
  }
  return names;
}

}  // namespace headway::cli
