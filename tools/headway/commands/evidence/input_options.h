// The options by which every evidence command is told what its table holds.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_INPUT_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_INPUT_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/headway/commands/evidence/data_table.h"
#include "tools/headway/commands/evidence/time_axis.h"

namespace CLI {
class App;
}

namespace headway::cli {

struct InputOptions {
  std::string csv;
  DataTableOptions file;
  // --missing as it was given.
  std::string missing;
  // Columns; "" where not given.
  std::string unit;
  std::string time;
  std::string outcome;
  TimeAxisOptions axis;
  // Periods that are used; "" for all.
  std::string from;
  std::string to;
};

// --csv (required), --separator, --decimal, --encoding, --missing, --time,
// --time-format, --time-as-written, --from, --to; --unit and --outcome.
// `options` must outlive the parsing.
void AddFileOptions(CLI::App& command, InputOptions& options);
void AddTimeOptions(CLI::App& command, InputOptions& options);
void AddPanelColumns(CLI::App& command, InputOptions& options);

absl::StatusOr<DataTable> ReadInput(const InputOptions& options);

// The periods of the rows: of --time, or the rows themselves without it.
absl::StatusOr<TimeAxis> TimeOf(const DataTable& table,
                                const InputOptions& options);

struct PeriodRange {
  size_t begin = 0;
  // One more than the last.
  size_t end = 0;
};
// What --from and --to leave of an axis; they are not empty.
absl::StatusOr<PeriodRange> RangeOf(const TimeAxis& axis,
                                    const InputOptions& options);

// The names in `list`: the whole where it is one of `known`, else its parts
// between commas, quoted where a name holds a comma; each once. NOT_FOUND names
// `option`, the name, and what is near.
absl::StatusOr<std::vector<std::string>> KnownNames(
    absl::string_view list, const std::vector<std::string>& known,
    absl::string_view option, absl::string_view what);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_INPUT_OPTIONS_H_
