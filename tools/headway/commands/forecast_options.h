// Options that the commands which forecast share.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_FORECAST_OPTIONS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_FORECAST_OPTIONS_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "daemon/forecast/forecast.h"
#include "tools/headway/input/series_table.h"

namespace headway::cli {

// Takes the names of methods, with hyphens too, and plugin:NAME.
CLI::Validator IsMethod();

// What only --csv takes: of an indicator the pipeline's definition tells it.
struct CsvOptions {
  // "tab" or one character.
  std::string separator = ",";
  std::string decimal = ".";
  HeaderChoice header = HeaderChoice::kAuto;
  // "12", "24,168".
  std::vector<int> seasons = {1};
  forecast::Bounds bounds = forecast::Bounds::kNone;
  forecast::Quantity quantity = forecast::Quantity::kInferred;
  int threads = 0;
};

// `options` must outlive the parsing.
void AddCsvOptions(CLI::App& command, CLI::Option* csv, CsvOptions& options);

// How the file is written.
absl::StatusOr<SeriesTableOptions> ToTableOptions(const CsvOptions& options);

// Season, longer seasons, bounds and kind of quantity.
void SetSeries(const CsvOptions& options, forecast::Options& to);

// As many as the machine has cores if none are given.
int ThreadsOf(const CsvOptions& options);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_FORECAST_OPTIONS_H_
