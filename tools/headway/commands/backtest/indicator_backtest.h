// A backtest of an indicator, from what was known at each origin.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_INDICATOR_BACKTEST_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_INDICATOR_BACKTEST_H_

#include <string>

#include "absl/status/status.h"
#include "tools/headway/base/client.h"
#include "tools/headway/commands/backtest/report.h"

namespace headway::cli {

// Has the daemon forecast the indicator as of each origin of the plan: from the
// vintages that were public then, by each of the methods, plugins among them.
// An origin is the end of a period; the newest is the one a horizon before the
// last value. The forecasts are held against the values as known now. What
// cannot be forecast is named on standard error, and the status then says how
// many forecasts it was.
absl::Status BacktestIndicator(Client& client, const std::string& name,
                               const BacktestPlan& plan,
                               BacktestReport& report);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_INDICATOR_BACKTEST_H_
