// headway forecast --csv: forecasts of the rows of a file, without a daemon.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_OFFLINE_FORECAST_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_OFFLINE_FORECAST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/forecast/forecast.h"
#include "tools/headway/base/context.h"
#include "tools/headway/input/series_table.h"

namespace headway::cli {

struct OfflineForecastOptions {
  std::string path;
  // How the file is written.
  SeriesTableOptions table;
  // With all but its probabilities.
  forecast::Options how;
  // Of the central intervals, in percent: rising, each above 0 and below 100.
  std::vector<double> levels = {95};
  // A file that the sample paths are written to, as CSV: id,path,h,value. Only
  // with how.paths.
  std::string out_paths;
  int threads = 1;
  // A file to write to, as CSV unless JSON is asked for; empty for standard
  // output.
  std::string out;
};

// Prints id,h,point,lo95,hi95, with two columns for each level, in the order of
// the rows. A row that cannot be
// read or forecast is named on standard error and left out, and the status then
// says how many were.
absl::Status ForecastFile(const Context& context,
                          const OfflineForecastOptions& options);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_OFFLINE_FORECAST_H_
