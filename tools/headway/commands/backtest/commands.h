// The command that tries methods on the past. It leaves what it is to do in
// Context::action.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_COMMANDS_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_COMMANDS_H_

#include "tools/headway/base/context.h"

namespace CLI {
class App;
}

namespace headway::cli {

// backtest
void AddBacktestCommand(CLI::App& app, Context& context);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_BACKTEST_COMMANDS_H_
