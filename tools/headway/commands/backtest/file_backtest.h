// A backtest of the series of a file, without a daemon.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_FILE_BACKTEST_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_FILE_BACKTEST_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/headway/commands/backtest/report.h"
#include "tools/headway/commands/forecast_options.h"

namespace headway::cli {

// Forecasts each series of the file from each origin of the plan by each of its
// methods, those of the library, from the values up to the origin alone. The
// last origin lies one horizon before the end of the series. Origins with fewer
// than two values are left out. Rows go to `write`, some series at a time, so
// that memory does not grow with the forecasts. What cannot be read or forecast
// is named on standard error, and the status then says how many series it was.
absl::Status BacktestFile(
    const std::string& path, const CsvOptions& options,
    const BacktestPlan& plan, BacktestReport& report,
    const std::function<absl::Status(absl::string_view)>& write);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_FILE_BACKTEST_H_
